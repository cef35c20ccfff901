import type { FragmentLoaderContext, LoaderCallbacks, LoaderStats } from "hls.js";
import type { BegunEnd, BegunLoad } from "../../driver-contract.ts";

/** A load of the player's own loader, listened to without changing anything about it. */
export interface ObservedLoad extends BegunLoad {
  /** The player's callbacks, which the driver hears after the player did. */
  observe(callbacks: LoaderCallbacks<FragmentLoaderContext>): LoaderCallbacks<FragmentLoaderContext>;
  /** The player does not want it any more. False where it had ended. */
  abandon(): boolean;
}

export function createObservedLoad(): ObservedLoad {
  const listeners = new Set<(end: BegunEnd) => void>();
  let ended: BegunEnd | null = null;
  const begunMs = performance.now();

  /** The player hears first, and may destroy its loader meanwhile: that comes after the end. */
  function finish(end: BegunEnd, tellPlayer?: () => void): boolean {
    const first = ended === null;
    ended ??= end;
    try {
      tellPlayer?.();
    } finally {
      if (first) {
        for (const listener of listeners) listener(end);
        listeners.clear();
      }
    }
    return first;
  }
  const failure = (reason: "network" | "timeout" | "status", status: number, text: string): BegunEnd => ({
    ok: false,
    reason,
    status,
    text,
  });

  /** Whatever the page's own loader says of itself, the player hears of it as it is. */
  function success(data: unknown, stats: LoaderStats | undefined): BegunEnd {
    if (!(data instanceof ArrayBuffer) || data.byteLength === 0)
      return failure("network", 0, "the player's loader kept nothing");
    const nowMs = performance.now();
    const { start: startMs = NaN, first: firstByteMs = NaN, end: endMs = NaN } = stats?.loading ?? {};
    const sound = startMs >= begunMs && startMs <= firstByteMs && firstByteMs <= endMs && endMs <= nowMs;
    const times = sound
      ? { startMs, firstByteMs, endMs }
      : { startMs: begunMs, firstByteMs: nowMs, endMs: nowMs };
    // The player gives the bytes away to its worker.
    return { ok: true, data: new Uint8Array(data.slice(0)), ...times };
  }

  return {
    onEnd(listener) {
      if (ended !== null) listener(ended);
      else listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    observe: (callbacks) => ({
      ...callbacks,
      onSuccess(response, stats, ...rest) {
        finish(success(response?.data, stats), () => callbacks.onSuccess(response, stats, ...rest));
      },
      onError(error, ...rest) {
        const { code, text } = error;
        finish(failure(code > 0 ? "status" : "network", code || 0, text || ""), () =>
          callbacks.onError(error, ...rest),
        );
      },
      onTimeout(...all) {
        finish(failure("timeout", 0, "timeout"), () => callbacks.onTimeout(...all));
      },
      onAbort(...all) {
        finish(failure("network", 0, "aborted"), () => callbacks.onAbort?.(...all));
      },
    }),
    abandon: () => finish(failure("network", 0, "aborted")),
  };
}
