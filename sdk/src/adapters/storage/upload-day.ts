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
 * browser keeps nothing, each page counts by itself.
 */
export function createUploadDay(
  maxBytes: number,
  storage: Pick<Storage, "getItem" | "setItem"> | null,
  nowMs: () => number,
): UploadDay {
  const today = () => Math.floor(nowMs() / DAY_MS);
  let kept = "";

  function sentBytes(): number {
    const [day, bytes] = (storage?.getItem(NAME) ?? kept).split(" ").map(Number);
    return day === today() && bytes! > 0 ? bytes! : 0;
  }

  return {
    leftBytes: () => Math.max(0, maxBytes - sentBytes()),
    sent(bytes) {
      kept = `${today()} ${sentBytes() + bytes}`;
      try {
        storage?.setItem(NAME, kept);
      } catch {
        storage = null;
      }
    },
    untilTomorrowMs: () => DAY_MS - (nowMs() % DAY_MS),
  };
}
