/** What all engines of this site in this browser have uploaded since midnight UTC, against what a day may cost. */
export interface UploadDay {
  /** Bytes that may go out yet. */
  leftBytes(): number;
  sent(bytes: number): void;
  /** Milliseconds until the next day begins. */
  untilTomorrowMs(): number;
}

const NAME = "tributary-uploaded";
const DAY_MS = 86_400_000;

/**
 * Kept in localStorage, as `day bytes`, with every piece that goes out: nothing is lost when a page is killed. Where the
 * browser keeps nothing, the day is as long as the page.
 * @param changed it is no longer only these pieces that count: another page sent some, or another day began
 */
export function createUploadDay(
  maxBytes: number,
  storage: Pick<Storage, "getItem" | "setItem"> | null,
  nowMs: () => number,
  changed: () => void,
): UploadDay {
  const today = () => Math.floor(nowMs() / DAY_MS);
  let known = { day: today(), bytes: 0 };

  function read(): void {
    const day = today();
    const [keptDay, keptBytes] = (storage?.getItem(NAME) ?? "").split(" ").map(Number);
    if (keptDay === day && keptBytes! >= 0) known = { day, bytes: keptBytes! };
    else if (known.day !== day) known = { day, bytes: 0 };
  }

  return {
    leftBytes() {
      read();
      return Math.max(0, maxBytes - known.bytes);
    },
    sent(bytes) {
      const before = known;
      read();
      const othersSent = known.day !== before.day || known.bytes !== before.bytes;
      known = { day: known.day, bytes: known.bytes + bytes };
      try {
        storage?.setItem(NAME, `${known.day} ${known.bytes}`);
      } catch {
        storage = null;
      }
      if (othersSent) changed();
    },
    untilTomorrowMs: () => DAY_MS - (nowMs() % DAY_MS),
  };
}
