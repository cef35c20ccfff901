import type { Core, Input, Output } from "../core/index.ts";
import type { Clock } from "../driver-contract.ts";

export interface RunLoopOptions {
  readonly core: Core;
  readonly clock: Clock;
  /** When the engine was made: nothing that is replayed is older. */
  readonly bornMs: number;
  perform(output: Output): void;
  /** A bug of ours. */
  failed(error: unknown): void;
}

/** Hands inputs to the core one by one, has its outputs performed, and wakes it at its deadlines. */
export interface RunLoop {
  /** From the adapters: handled now, or after what is being handled. @param atMs when it happened, if not now */
  raise(input: Input, atMs?: number): void;
  /** From the player and the page: they must not be called back before their own call has returned. */
  raiseLater(input: Input): void;
  /** Runs `act`, and handles what it raises as if that had been raised then. */
  replay(atMs: number, act: () => void): void;
  /** When what is raised now happened. */
  nowMs(): number;
  /** Nothing is handled any more. */
  stop(): void;
}

/** What one turn of the page's event loop handles at most: what fails at once may raise the next input at once. */
const inputsPerTurn = 256;

export function createRunLoop({ core, clock, bornMs, perform, failed }: RunLoopOptions): RunLoop {
  const queue: { readonly input: Input; readonly atMs: number | null }[] = [];
  const outputs: Output[] = [];
  let draining = false;
  let stopped = false;
  /** The core's clock never goes back. */
  let handledMs = bornMs;
  let replayedMs: number | null = null;
  let deadline: { readonly atMs: number; readonly callOff: () => void } | null = null;

  function drain(): void {
    if (draining || stopped) return;
    draining = true;
    try {
      let left = inputsPerTurn;
      for (let next = queue.shift(); next !== undefined; next = left > 0 ? queue.shift() : undefined) {
        left -= 1;
        handledMs = Math.max(handledMs, Math.min(next.atMs ?? Infinity, clock.now()));
        core.handle(next.input, handledMs, outputs);
        // Failing over meanwhile empties the list.
        for (let output = outputs.shift(); output !== undefined; output = outputs.shift()) perform(output);
      }
      if (queue.length > 0) clock.after(0, drain);
      arm();
    } catch (error) {
      failed(error);
    } finally {
      draining = false;
    }
  }

  function arm(): void {
    if (stopped) return;
    const atMs = core.nextDeadlineMs();
    // A later deadline waits for the armed one: one spare tick costs less than re-arming at every chunk.
    if (atMs === null || (deadline !== null && deadline.atMs <= atMs)) return;
    deadline?.callOff();
    const callOff = clock.after(Math.max(1, atMs - clock.now()), () => {
      deadline = null;
      raise({ type: "tick" });
    });
    deadline = { atMs, callOff };
  }

  function enter(input: Input, atMs: number | null): boolean {
    if (stopped) return false;
    queue.push({ input, atMs });
    return true;
  }

  function raise(input: Input, atMs?: number): void {
    if (enter(input, atMs ?? replayedMs)) drain();
  }

  return {
    raise,
    raiseLater(input) {
      if (enter(input, replayedMs)) queueMicrotask(drain);
    },
    replay(atMs, act) {
      replayedMs = atMs;
      try {
        act();
        drain();
      } finally {
        replayedMs = null;
      }
    },
    nowMs: () => replayedMs ?? clock.now(),
    stop() {
      stopped = true;
      queue.length = outputs.length = 0;
      deadline?.callOff();
    },
  };
}
