import { FetchLoader, type HlsConfig } from "hls.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createLoadBench,
  stubLoader,
  type Attempt,
  type AttemptOptions,
  type LoadBench,
  type Stub,
} from "./testing/load-bench.ts";
import type { ScriptedDriver } from "./testing/scripted-driver.ts";

vi.stubGlobal("self", globalThis);

const BODY = new Uint8Array(20_000).map((_, index) => index & 0xff);
let bench: LoadBench;
let driver: ScriptedDriver;
const attempt = (options?: AttemptOptions): Attempt => bench.attempt(options);

beforeEach(() => {
  bench = createLoadBench();
  driver = bench.driver;
});

afterEach(() => vi.restoreAllMocks());

const timing = { startMs: 100, firstByteMs: 110, endMs: 150 };

describe("a page that made its own loader", () => {
  test.each<[string, (stub: Stub) => AttemptOptions]>([
    ["fLoader", ({ Loader }) => ({ page: Loader })],
    ["loader", ({ Loader }) => ({ config: { loader: Loader as unknown as HlsConfig["loader"] } })],
    ["xhrSetup", () => ({ config: { xhrSetup: () => {} } })],
    [
      "fetchSetup",
      () => ({ config: { fetchSetup: (context, init) => new Request(context.url, init as RequestInit) } }),
    ],
    ["headers of CMCD", () => ({ headers: { "CMCD-Object": "br=1" } })],
    ["credentials in the URL", () => ({ url: "https://user:pass@cdn.example/s.ts" })],
  ])("has its fragments fetched by it: %s", (_name, optionsOf) => {
    attempt(optionsOf(stubLoader()));
    expect(driver.loads[0]!.request.cdn).not.toBeNull();
  });

  test("sees the very config and context that plain hls.js hands out", () => {
    const { Loader, made } = stubLoader();
    const config: Partial<HlsConfig> = {};
    const { context } = attempt({ page: Loader, config, range: [5, 25] });
    const { request } = driver.loads[0]!;
    expect(made).toEqual([]);
    const handlers = { started: vi.fn(), chunk: vi.fn(), done: vi.fn(), failed: vi.fn() };
    request.cdn!.fetch(
      { url: context.url, rangeStartBytes: 5, rangeEndBytes: 25, timeouts: request.timeouts },
      handlers,
    );
    expect(made[0]!.context).toBe(context);
    const stats = made[0]!.stats;
    made[0]!.callbacks!.onSuccess({ url: "", data: BODY.slice(0, 20).buffer }, stats, context, null);
    expect(handlers.chunk).toHaveBeenCalledExactlyOnceWith(BODY.slice(0, 20));
    expect(handlers.done).toHaveBeenCalledOnce();
    made[0]!.callbacks!.onError({ code: 500, text: "" }, context, null, stats);
    expect(handlers.failed).not.toHaveBeenCalled();
    expect(made[0]!.events).toEqual(["destroy"]);
  });

  test("its progress shows in the player's stats, so that hls.js can still abandon a slow load", () => {
    const { Loader, made } = stubLoader();
    const { loader, context } = attempt({ page: Loader });
    const { stats } = loader;
    const { request, handlers } = driver.loads[0]!;
    request.cdn!.fetch(
      { url: context.url, rangeStartBytes: null, rangeEndBytes: null, timeouts: request.timeouts },
      { started() {}, chunk() {}, done() {}, failed() {} },
    );
    handlers.started(400);
    Object.assign(made[0]!.stats, { loaded: 5_000, total: 9_000 });
    made[0]!.stats.loading.first = 450;
    expect([stats.loaded, stats.total, stats.loading.first, stats.loading.start]).toEqual([
      5_000, 9_000, 450, 400,
    ]);
    handlers.delivered(new ArrayBuffer(7), timing);
    expect([stats.loaded, stats.total, stats.loading.first]).toEqual([7, 7, 110]);
  });

  test.each([
    ["onError", "status", 503],
    ["onError", "network", 0],
    ["onTimeout", "timeout", 0],
    ["onAbort", "network", 0],
  ] as const)("its %s is the transport's %s failure", (callback, reason, code) => {
    const { Loader, made } = stubLoader();
    const { context } = attempt({ page: Loader });
    const { request } = driver.loads[0]!;
    const failed = vi.fn();
    request.cdn!.fetch(
      { url: context.url, rangeStartBytes: null, rangeEndBytes: null, timeouts: request.timeouts },
      { started() {}, chunk() {}, done() {}, failed },
    );
    const { callbacks, stats } = made[0]!;
    if (callback === "onError") callbacks!.onError({ code, text: "why" }, context, null, stats);
    else callbacks![callback]!(stats, context, null);
    expect(failed).toHaveBeenCalledExactlyOnceWith(reason, code, expect.any(String));
  });

  test("the player's events tell of its answer", async () => {
    const { Loader, made } = stubLoader();
    const { context, calls, settled } = attempt({ page: Loader });
    const { request, handlers } = driver.loads[0]!;
    request.cdn!.fetch(
      { url: context.url, rangeStartBytes: null, rangeEndBytes: null, timeouts: request.timeouts },
      { started() {}, chunk() {}, done() {}, failed() {} },
    );
    const answer = new Response();
    made[0]!.callbacks!.onSuccess({ url: "", data: BODY.buffer }, made[0]!.stats, context, answer);
    handlers.delivered(new ArrayBuffer(1), timing);
    await settled;
    expect(calls[0]!.network).toBe(answer);
  });

  test("aborting the transport aborts and destroys it", () => {
    const { Loader, made } = stubLoader();
    const { context } = attempt({ page: Loader });
    const { request } = driver.loads[0]!;
    const failed = vi.fn();
    const exchange = request.cdn!.fetch(
      { url: context.url, rangeStartBytes: null, rangeEndBytes: null, timeouts: request.timeouts },
      { started() {}, chunk() {}, done() {}, failed },
    );
    exchange.abort();
    exchange.abort();
    expect(made[0]!.events).toEqual(["abort", "destroy"]);
    expect(failed).not.toHaveBeenCalled();
  });

  test("makes the requests that plain hls.js makes, with what the page added", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(BODY));
    const config: Partial<HlsConfig> = {
      fetchSetup: (context, init) => {
        const request = new Request(context.url, init as RequestInit);
        request.headers.set("x-page", "signed");
        return request;
      },
    };
    const { context } = attempt({ config, range: [0, 100] });
    const { request } = driver.loads[0]!;
    const body = await new Promise<Uint8Array>((chunk) => {
      request.cdn!.fetch(
        { url: context.url, rangeStartBytes: 0, rangeEndBytes: 100, timeouts: request.timeouts },
        { started() {}, chunk, done() {}, failed() {} },
      );
    });
    expect(body).toEqual(BODY);
    expect(fetched).toHaveBeenCalledOnce();
    const made = fetched.mock.calls[0]![0] as Request;
    expect(made.url).toBe(context.url);
    expect(made.headers.get("x-page")).toBe("signed");
    expect(made.headers.get("range")).toBe("bytes=0-99");
  });
});

test("stock loaders are recognised, minified or not, and leave the streaming fetch to the driver", async () => {
  const { default: Minified } = await import("hls.js/dist/hls.min.js");
  for (const loader of [FetchLoader, Minified.DefaultConfig.loader]) {
    attempt({ config: { loader: loader as unknown as HlsConfig["loader"] } });
    expect(driver.loads.at(-1)!.request.cdn).toBeNull();
  }
});
