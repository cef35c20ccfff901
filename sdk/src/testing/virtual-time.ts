import type { Clock } from "../driver-contract.ts";

/** A clock that stands still while anything is being worked out, and jumps to the next timer when nothing is. */
export interface VirtualTime extends Clock {
  /** Lets timers fire until the condition holds. @throws Error where it does not within `maxMs` */
  runUntil(holds: () => boolean, maxMs: number): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Promises that hang on no timer are all settled after a turn of the event loop; bodies of responses take one more. */
const TURNS = 2;

export function createVirtualTime(): VirtualTime {
  const timers = new Set<Timer>();
  let nowMs = 0;
  let order = 0;

  function first(): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of timers)
      if (
        found === undefined ||
        timer.atMs < found.atMs ||
        (timer.atMs === found.atMs && timer.order < found.order)
      )
        found = timer;
    return found;
  }

  return {
    now: () => nowMs,
    after(delayMs, run) {
      if (!Number.isFinite(delayMs)) return () => {};
      const timer = { atMs: nowMs + Math.max(0, delayMs), order: order++, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async runUntil(holds, maxMs) {
      const endMs = nowMs + maxMs;
      for (;;) {
        for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (holds()) return;
        const timer = first();
        if (timer === undefined || timer.atMs > endMs)
          throw new Error(`not within ${maxMs} ms of the engine's time`);
        timers.delete(timer);
        nowMs = timer.atMs;
        timer.run();
      }
    },
  };
}
