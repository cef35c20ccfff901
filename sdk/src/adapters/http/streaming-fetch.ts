import type { CdnTimeouts, SegmentSource } from "../../core/model.ts";
import type { Clock } from "../../driver-contract.ts";
import { byteRangeOf, planBody, rangeHeaderOf, type ByteRange } from "./byte-range.ts";

export interface FetchPlan {
  readonly source: SegmentSource;
  readonly offsetBytes: number;
  readonly endBytes: number | null;
  readonly timeouts: CdnTimeouts;
}

export type HttpFailure = "network" | "timeout" | "status" | "range-ignored";

/** Never called synchronously; `done` or `failed` is the last call, and none comes after `abort()`. */
export interface FetchHandlers {
  /** With the response, whatever it says; its body is read here. */
  answered?(response: Response): void;
  /** `whole` where a range was asked for and the server sends the segment from its start instead. */
  started(expectedBytes: number | null, whole: boolean): void;
  chunk(data: Uint8Array): void;
  done(receivedBytes: number): void;
  failed(reason: HttpFailure, status: number, text: string): void;
}

export interface HttpEnvironment {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** Fetches a segment, or a range of it, chunk by chunk. */
export function startStreamingFetch(
  plan: FetchPlan,
  handlers: FetchHandlers,
  { fetch, clock }: HttpEnvironment,
): { abort(): void } {
  const controller = new AbortController();
  let over = false;
  const { firstByteMs, loadMs } = plan.timeouts;
  const callOff = {
    firstByte: clock.after(firstByteMs > 0 ? firstByteMs : Infinity, () => timedOut("no answer in time")),
    load: clock.after(loadMs > 0 ? loadMs : Infinity, () => timedOut("not complete in time")),
  };

  function close(): boolean {
    if (over) return false;
    over = true;
    callOff.firstByte();
    callOff.load();
    return true;
  }
  function fail(reason: HttpFailure, status: number, text: string): void {
    if (!close()) return;
    controller.abort();
    handlers.failed(reason, status, text);
  }
  const timedOut = (text: string) => fail("timeout", 0, text);

  async function run(): Promise<void> {
    const range = byteRangeOf(plan.source, plan.offsetBytes, plan.endBytes);
    const response = await request(fetch, plan.source.url, range, controller.signal);
    if (over) return;
    callOff.firstByte();
    handlers.answered?.(response);
    if (!response.ok) return fail("status", response.status, response.statusText);
    const header = (name: string) => response.headers.get(name);
    const head = {
      status: response.status,
      contentLength: header("content-length"),
      contentEncoding: header("content-encoding"),
      contentRange: header("content-range"),
    };
    // A server without ranges sends everything, and that is as good.
    const whole = range.tail && response.status === 200;
    const body = planBody(whole ? byteRangeOf(plan.source, 0, null) : range, head);
    if (!body.ok) return fail("range-ignored", response.status, "the range was not honoured");
    handlers.started(body.expectedBytes, whole);
    const receivedBytes = await pump(response, body.skipBytes, body.takeBytes);
    if (over) return;
    if (body.takeBytes !== null && receivedBytes < body.takeBytes) {
      return fail("network", 0, `the body ended after ${receivedBytes} of ${body.takeBytes} bytes`);
    }
    if (!close()) return;
    handlers.done(receivedBytes);
    // A 200 in place of a 206 may have more to say than the segment needs.
    controller.abort();
  }

  /** Returns how many wanted bytes came. */
  async function pump(response: Response, skipBytes: number, takeBytes: number | null): Promise<number> {
    const reader = response.body?.getReader();
    let toSkip = skipBytes;
    let received = 0;
    while (reader !== undefined && !over && (takeBytes === null || received < takeBytes)) {
      const { done, value } = await reader.read();
      if (done || over) break;
      const skipped = Math.min(toSkip, value.length);
      toSkip -= skipped;
      const end = takeBytes === null ? value.length : Math.min(value.length, skipped + takeBytes - received);
      if (end <= skipped) continue;
      received += end - skipped;
      handlers.chunk(skipped === 0 && end === value.length ? value : value.subarray(skipped, end));
    }
    return received;
  }

  run().catch((error: unknown) => fail("network", 0, error instanceof Error ? error.message : String(error)));
  return {
    abort() {
      if (close()) controller.abort();
    },
  };
}

function request(
  fetchPage: typeof fetch,
  url: string,
  range: ByteRange,
  signal: AbortSignal,
): Promise<Response> {
  const header = rangeHeaderOf(range);
  return fetchPage(url, {
    signal,
    // What hls.js's own loaders do without withCredentials.
    credentials: "same-origin",
    ...(header === null ? {} : { headers: { Range: header } }),
  });
}
