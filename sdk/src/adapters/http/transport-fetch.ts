import type { CdnTransport } from "../../driver-contract.ts";
import { byteRangeOf } from "./byte-range.ts";
import type { FetchHandlers, FetchPlan } from "./streaming-fetch.ts";

/**
 * Fetches a whole segment through the page's own loader. A tail is refused as "range-ignored": page-made loaders sign,
 * cache or rewrite whole requests, and the core then asks for the whole segment.
 */
export function startTransportFetch(
  transport: CdnTransport,
  plan: FetchPlan,
  handlers: FetchHandlers,
): { abort(): void } {
  let over = false;
  let aborted = false;
  let receivedBytes = 0;
  let inner: { abort(): void } | null = null;
  const unlessOver = (run: () => void) => {
    if (!over) run();
  };
  const last = (run: () => void) =>
    unlessOver(() => {
      over = true;
      run();
    });

  queueMicrotask(() => {
    if (over) return;
    const range = byteRangeOf(plan.source, plan.offsetBytes, plan.endBytes);
    if (range.tail)
      return last(() => handlers.failed("range-ignored", 0, "the page's loader takes whole segments"));
    try {
      inner = transport.fetch(
        {
          url: plan.source.url,
          rangeStartBytes: plan.source.rangeStartBytes,
          rangeEndBytes: range.endBytes,
          timeouts: plan.timeouts,
        },
        {
          started: (expectedBytes) => unlessOver(() => handlers.started(expectedBytes, false)),
          chunk: (data) =>
            unlessOver(() => {
              receivedBytes += data.length;
              handlers.chunk(data);
            }),
          done: () => last(() => handlers.done(receivedBytes)),
          failed: (reason, status, text) => last(() => handlers.failed(reason, status, text)),
        },
      );
    } catch (error) {
      return last(() =>
        handlers.failed("network", 0, error instanceof Error ? error.message : String(error)),
      );
    }
    if (aborted) inner.abort();
  });
  return {
    abort() {
      if (over) return;
      over = aborted = true;
      inner?.abort();
    },
  };
}
