import { expect, test } from "vitest";
import type { CdnTransport, TransportHandlers, TransportRequest } from "../../driver-contract.ts";
import { startTransportFetch } from "./transport-fetch.ts";

const timeouts = { firstByteMs: 1_000, loadMs: 2_000 };
const source = { url: "https://cdn.example/a.ts", rangeStartBytes: 100, rangeLengthBytes: 50 };

function watched() {
  const heard: string[] = [];
  return {
    heard,
    handlers: {
      started: (expected: number | null) => void heard.push(`started ${expected}`),
      chunk: (data: Uint8Array) => void heard.push(`chunk ${data.length}`),
      done: (received: number) => void heard.push(`done ${received}`),
      failed: (reason: string, status: number) => void heard.push(`${reason} ${status}`),
    },
  };
}

function scripted(script: (handlers: TransportHandlers) => void) {
  const seen: { request?: TransportRequest; aborted: number } = { aborted: 0 };
  const transport: CdnTransport = {
    fetch(request, handlers) {
      seen.request = request;
      script(handlers);
      return { abort: () => void seen.aborted++ };
    },
  };
  return { seen, transport };
}

test("a whole segment goes through the page's loader, and never synchronously", async () => {
  const { heard, handlers } = watched();
  const { seen, transport } = scripted((page) => {
    page.started(50);
    page.chunk(new Uint8Array(50));
    page.done();
    page.failed("network", 0, "a loader that cannot stop");
  });
  startTransportFetch(transport, { source, offsetBytes: 0, endBytes: null, timeouts }, handlers);
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual(["started 50", "chunk 50", "done 50"]);
  expect(seen).toMatchObject({ aborted: 0, request: { rangeStartBytes: 100, rangeEndBytes: 150, timeouts } });
});

test("a tail is refused without asking the page", async () => {
  const { heard, handlers } = watched();
  const { seen, transport } = scripted(() => {});
  startTransportFetch(transport, { source, offsetBytes: 10, endBytes: null, timeouts }, handlers);
  await Promise.resolve();
  expect(heard).toEqual(["range-ignored 0"]);
  expect(seen.request).toBeUndefined();
});

test("a loader that throws is a network failure", async () => {
  const { heard, handlers } = watched();
  const { transport } = scripted(() => {
    throw new Error("page bug");
  });
  startTransportFetch(transport, { source, offsetBytes: 0, endBytes: null, timeouts }, handlers);
  await Promise.resolve();
  expect(heard).toEqual(["network 0"]);
});

test("abort reaches the page's loader and silences it", async () => {
  const { heard, handlers } = watched();
  let page: TransportHandlers | undefined;
  const { seen, transport } = scripted((inner) => void (page = inner));
  const plan = { source, offsetBytes: 0, endBytes: null, timeouts };
  const handle = startTransportFetch(transport, plan, handlers);
  await Promise.resolve();
  handle.abort();
  page?.chunk(new Uint8Array(5));
  page?.done();
  expect([seen.aborted, heard]).toEqual([1, []]);
});
