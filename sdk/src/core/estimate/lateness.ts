/** How late this page's turns come: what its line brought in time a busy page takes in late. */
export interface Lateness {
  /** The longest of the last seconds, in milliseconds. */
  worstMs(nowMs: number): number;
  /** From `nowMs` on there is nothing to do before this; null for nothing at all. */
  asleep(dueAtMs: number | null, nowMs: number): void;
  /** There is a turn, which was due or came of something that happened. */
  woken(nowMs: number): void;
}

/** Pages are busy in bursts: what is late now began in the last one. */
const rememberedMs = 5000;

export function createLateness(): Lateness {
  let dueAtMs = Infinity;
  /** Each shorter than those before it, which are forgotten first. */
  const late: { readonly atMs: number; readonly tookMs: number }[] = [];

  return {
    worstMs(nowMs) {
      while (late.length > 0 && nowMs - late[0]!.atMs > rememberedMs) late.shift();
      return late[0]?.tookMs ?? 0;
    },
    asleep(untilMs, nowMs) {
      dueAtMs = untilMs !== null && untilMs > nowMs ? untilMs : Infinity;
    },
    woken(nowMs) {
      const tookMs = nowMs - dueAtMs;
      if (tookMs <= 0) return;
      while (late.length > 0 && late.at(-1)!.tookMs <= tookMs) late.pop();
      late.push({ atMs: nowMs, tookMs });
    },
  };
}
