import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  FetchLoader,
  Fragment,
  LoaderContextType,
  PlaylistLevelType,
  type FragmentLoaderConstructor,
  type FragmentLoaderContext,
  type HlsConfig,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
} from "hls.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { SegmentInfo } from "../../core/model.ts";
import { createFragmentLoader, type LoaderHost } from "./fragment-loader.ts";
import { createScriptedDriver, type ScriptedDriver } from "./testing/scripted-driver.ts";

vi.stubGlobal("self", globalThis);

const BODY = new Uint8Array(20_000).map((_, index) => index & 0xff);
let server: Server;
let origin: string;
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers["x-page"] ?? "-"} ${request.headers.range ?? "-"}`);
    if (request.url === "/missing.ts") response.writeHead(404).end();
    else if (request.url === "/endless.ts") response.writeHead(200).write("x");
    else response.end(BODY);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let driver: ScriptedDriver;
let host: LoaderHost & { starved: boolean };
let claimed: SegmentInfo | null;

beforeEach(() => {
  requests.length = 0;
  driver = createScriptedDriver();
  host = {
    driver,
    starved: false,
    pending: new Set(),
    starving: () => host.starved,
    claim: () => claimed && { segment: claimed, kind: "main" },
  };
  claimed = {
    id: { track: 1, sequence: 2, part: -1, fingerprint: 3 },
    key: "k" as SegmentInfo["key"],
    startMs: 0,
    durationMs: 4000,
    source: { url: "https://cdn.example/s.ts", rangeStartBytes: null, rangeLengthBytes: null },
    root: null,
  };
});

type Call = { name: string; stats: unknown; data?: unknown; response?: unknown; network?: unknown };

interface Attempt {
  loader: Loader<FragmentLoaderContext>;
  calls: Call[];
  names(): string[];
  /** Resolves once hls.js has been called back. */
  settled: Promise<void>;
  context: FragmentLoaderContext;
}

interface AttemptOptions {
  url?: string;
  config?: Partial<HlsConfig>;
  page?: FragmentLoaderConstructor;
  progressive?: boolean;
  range?: [number, number];
  headers?: Record<string, string>;
}

/** What FragmentLoader.load of hls.js does. */
function attempt(options: AttemptOptions = {}): Attempt {
  const config = { loader: FetchLoader, ...options.config } as unknown as HlsConfig;
  const Loader = createFragmentLoader(host, options.page);
  const loader = new Loader(config);
  const frag = new Fragment(PlaylistLevelType.MAIN, "https://cdn.example/index.m3u8");
  loader.stats.retry = frag.stats.retry;
  frag.stats = loader.stats;
  const context: FragmentLoaderContext = {
    type: LoaderContextType.MEDIA_FRAGMENT,
    frag,
    part: null,
    responseType: "arraybuffer",
    url: options.url ?? "https://cdn.example/s.ts",
    headers: options.headers ?? {},
    rangeStart: options.range?.[0] ?? 0,
    rangeEnd: options.range?.[1] ?? 0,
  };
  const loaderConfig: LoaderConfiguration = {
    loadPolicy: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 120_000,
      timeoutRetry: null,
      errorRetry: null,
    },
    timeout: 120_000,
    maxRetry: 0,
    retryDelay: 0,
    maxRetryDelay: 0,
    highWaterMark: 2 ** 17,
  };
  const calls: Call[] = [];
  let resolve = (): void => {};
  const settled = new Promise<void>((settle) => (resolve = settle));
  const note = (call: Call, last = true): void => {
    calls.push(call);
    if (last) {
      loader.destroy();
      resolve();
    }
  };
  const callbacks: LoaderCallbacks<FragmentLoaderContext> = {
    onSuccess: (response, stats) => note({ name: "success", stats, data: response.data, response }),
    onError: (response, _context, network, stats) => note({ name: "error", stats, response, network }),
    onTimeout: (stats) => note({ name: "timeout", stats }),
    onAbort: (stats) => note({ name: "abort", stats }),
  };
  if (options.progressive)
    callbacks.onProgress = (stats, _context, data) => note({ name: "progress", stats, data }, false);
  loader.load(context, loaderConfig, callbacks);
  return { loader, calls, names: () => calls.map(({ name }) => name), settled, context };
}

const timing = { startMs: 100, firstByteMs: 110, endMs: 150 };

describe("a load in the driver's hands", () => {
  test("waits without time passing, then shows the clock of the network", () => {
    const { loader } = attempt();
    const { stats } = loader;
    const { loading } = stats;
    const parsing = stats.parsing;
    expect(Math.abs(performance.now() - loading.start)).toBeLessThan(5);
    const before = loading.start;
    while (performance.now() <= before) void 0;
    expect(loading.start).toBeGreaterThan(before);
    expect([stats.loaded, stats.total, loading.first, loading.end]).toEqual([0, 0, 0, 0]);

    const { handlers } = driver.loads[0]!;
    handlers.started(500);
    expect(loading.start).toBe(500);
    handlers.started(600);
    expect(loading.start).toBe(600);
    handlers.progress(620, 1000, 0);
    expect([stats.loaded, stats.total, loading.first]).toEqual([1000, 0, 620]);
    handlers.progress(620, 2000, 4000);
    expect([stats.loaded, stats.total]).toEqual([2000, 4000]);
    expect(loader.stats).toBe(stats);
    expect(stats.loading).toBe(loading);
    expect(stats.parsing).toBe(parsing);
  });

  test("hands over the identity from the playlist and the URL from the context", () => {
    attempt({ url: "https://cdn.example/s.ts?CMCD=br%3D1" });
    const { request } = driver.loads[0]!;
    expect(request.segment.id).toEqual(claimed!.id);
    expect(request.segment.source.url).toBe("https://cdn.example/s.ts?CMCD=br%3D1");
    expect(request).toMatchObject({
      kind: "main",
      shareable: true,
      timeouts: { firstByteMs: 10_000, loadMs: 120_000 },
      cdn: null,
    });
  });

  test("delivers once, with the driver's timing, and nothing after", async () => {
    const { loader, calls, settled, context, names } = attempt({ range: [0, 10] });
    const { stats } = loader;
    const data = new ArrayBuffer(10);
    driver.loads[0]!.handlers.delivered(data, timing);
    await settled;
    expect(calls[0]).toMatchObject({
      name: "success",
      stats,
      data,
      response: { url: context.url, code: 206 },
    });
    expect(stats.loading).toEqual({ start: 100, first: 110, end: 150 });
    expect([stats.loaded, stats.total, stats.aborted]).toEqual([10, 10, false]);
    driver.loads[0]!.handlers.failed({ kind: "timeout", text: "late" });
    driver.loads[0]!.handlers.progress(1, 2, 3);
    expect(names()).toEqual(["success"]);
    expect(stats.loaded).toBe(10);
    expect(driver.loads[0]!.aborted).toBe(false);
    expect(host.pending.size).toBe(0);
  });

  test("a progressive player gets its data through onProgress", async () => {
    const { names, calls, settled } = attempt({ progressive: true });
    const data = new ArrayBuffer(10);
    driver.loads[0]!.handlers.delivered(data, timing);
    await settled;
    expect(names()).toEqual(["progress", "success"]);
    expect(calls[0]!.data).toBe(data);
  });

  test("a player that destroys the loader from onProgress hears no more", () => {
    const run = attempt({ progressive: true });
    const { calls } = run;
    const push = calls.push.bind(calls);
    calls.push = (call) => {
      run.loader.destroy();
      return push(call);
    };
    driver.loads[0]!.handlers.delivered(new ArrayBuffer(1), timing);
    expect(run.names()).toEqual(["progress"]);
  });

  test("abort sets the flag and calls back at once, then stays silent", () => {
    const { loader, calls, names } = attempt();
    const { stats } = loader;
    loader.abort();
    expect(names()).toEqual(["abort"]);
    expect(calls[0]!.stats).toBe(stats);
    expect(stats.aborted).toBe(true);
    expect(driver.loads[0]!.aborted).toBe(true);
    expect(stats.loading.start).toBeGreaterThan(0);
    expect(stats.loading.start).toBe(stats.loading.start);
    driver.loads[0]!.handlers.delivered(new ArrayBuffer(1), timing);
    loader.abort();
    expect(names()).toEqual(["abort"]);
  });

  test("destroy ends the load without a word", () => {
    const { loader, names } = attempt();
    loader.destroy();
    expect(driver.loads[0]!.aborted).toBe(true);
    expect(loader.context).toBeNull();
    driver.loads[0]!.handlers.failed({ kind: "network", status: 0, text: "" });
    expect(names()).toEqual([]);
    expect(host.pending.size).toBe(0);
  });

  test.each([
    [503, "Service Unavailable"],
    [404, "Not Found"],
    [0, "network"],
  ])("a failure reaches hls.js with its real status: %i", async (status, text) => {
    const { calls, settled } = attempt();
    driver.loads[0]!.handlers.failed({ kind: "network", status, text });
    await settled;
    expect(calls[0]).toMatchObject({ name: "error", response: { code: status, text } });
    expect((calls[0]!.network as Response | null)?.status ?? 0).toBe(status);
  });

  test("a timeout goes to onTimeout and looks aborted, as with hls.js's own loaders", async () => {
    const { calls, settled, loader } = attempt();
    const { stats } = loader;
    driver.loads[0]!.handlers.failed({ kind: "timeout", text: "no first byte" });
    await settled;
    expect(calls[0]).toMatchObject({ name: "timeout", stats });
    expect(stats.aborted).toBe(true);
  });
});

describe("the CDN floor", () => {
  test("what the engine does not claim is loaded by hls.js's own loader, stats and all", async () => {
    claimed = null;
    const { loader, calls, settled, names } = attempt({ url: `${origin}/s.ts` });
    const { stats } = loader;
    await settled;
    expect(names()).toEqual(["success"]);
    expect(new Uint8Array(calls[0]!.data as ArrayBuffer)).toEqual(BODY);
    expect(stats.loaded).toBe(BODY.length);
    expect(stats.loading.end).toBeGreaterThanOrEqual(stats.loading.first);
    expect(stats.loading.first).toBeGreaterThanOrEqual(stats.loading.start);
    expect(driver.loads).toEqual([]);
  });

  test("its errors are those of hls.js's own loader", async () => {
    claimed = null;
    const { calls, settled } = attempt({ url: `${origin}/missing.ts` });
    await settled;
    expect(calls[0]).toMatchObject({ name: "error", response: { code: 404 } });
  });

  test("aborting and destroying reach the loader that does the work", () => {
    claimed = null;
    const { loader, names } = attempt({ url: `${origin}/endless.ts` });
    const { stats } = loader;
    loader.abort();
    expect(names()).toEqual(["abort"]);
    expect(stats.aborted).toBe(true);
  });

  test("a driver that throws costs nothing but P2P", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    driver.load = () => {
      throw new Error("boom");
    };
    const { names, settled } = attempt({ url: `${origin}/s.ts` });
    await settled;
    expect(names()).toEqual(["success"]);
    expect(warn).toHaveBeenCalledOnce();
    expect(host.pending.size).toBe(0);
    warn.mockRestore();
  });

  test("a driver that breaks down in the middle leaves the load to the CDN", async () => {
    const { names, settled } = attempt({ url: `${origin}/s.ts` });
    driver.active = false;
    driver.loads[0]!.handlers.failed({ kind: "network", status: 0, text: "engine failed" });
    await settled;
    expect(names()).toEqual(["success"]);
  });

  test("a destroyed engine hands its loads over", async () => {
    const { names, settled, loader } = attempt({ url: `${origin}/s.ts` });
    const { stats } = loader;
    for (const load of [...host.pending]) load.fallBack();
    expect(driver.loads[0]!.aborted).toBe(true);
    driver.loads[0]!.handlers.delivered(new ArrayBuffer(1), timing);
    await settled;
    expect(names()).toEqual(["success"]);
    expect(stats.loaded).toBe(BODY.length);
  });

  test("a load that the driver forgot does not starve the player", () => {
    vi.useFakeTimers();
    try {
      const { loader } = attempt({ page: stubLoader().Loader });
      const load = driver.loads[0]!;
      vi.advanceTimersByTime(60_000);
      expect(load.aborted).toBe(false);
      host.starved = true;
      vi.advanceTimersByTime(1_000);
      expect(load.aborted).toBe(true);
      loader.destroy();
    } finally {
      vi.useRealTimers();
    }
  });

  test("a load whose network time began is the driver's to finish", () => {
    vi.useFakeTimers();
    try {
      const { loader } = attempt();
      driver.loads[0]!.handlers.started(performance.now());
      host.starved = true;
      vi.advanceTimersByTime(60_000);
      expect(driver.loads[0]!.aborted).toBe(false);
      loader.destroy();
    } finally {
      vi.useRealTimers();
    }
  });
});

interface Stub {
  Loader: FragmentLoaderConstructor;
  made: {
    config: HlsConfig;
    context: FragmentLoaderContext | null;
    callbacks: LoaderCallbacks<FragmentLoaderContext> | null;
    stats: Loader<FragmentLoaderContext>["stats"];
    events: string[];
  }[];
}

/** A loader such as pages write. */
function stubLoader(): Stub {
  const made: Stub["made"] = [];
  class PageLoader extends (FetchLoader as unknown as FragmentLoaderConstructor) {
    readonly #record: Stub["made"][number];
    constructor(config: HlsConfig) {
      super(config);
      this.#record = { config, context: null, callbacks: null, stats: this.stats, events: [] };
      made.push(this.#record);
    }
    override load(
      context: FragmentLoaderContext,
      _config: unknown,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      Object.assign(this.#record, { context, callbacks });
    }
    override abort(): void {
      this.#record.events.push("abort");
    }
    override destroy(): void {
      this.#record.events.push("destroy");
    }
  }
  return { Loader: PageLoader, made };
}

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
    const config: Partial<HlsConfig> = {
      fetchSetup: (context, init) => {
        const request = new Request(context.url, init as RequestInit);
        request.headers.set("x-page", "signed");
        return request;
      },
    };
    const { context } = attempt({ config, url: `${origin}/s.ts`, range: [0, 100] });
    const { request } = driver.loads[0]!;
    const body = await new Promise<Uint8Array>((chunk) => {
      request.cdn!.fetch(
        { url: context.url, rangeStartBytes: 0, rangeEndBytes: 100, timeouts: request.timeouts },
        { started() {}, chunk, done() {}, failed() {} },
      );
    });
    expect(body).toEqual(BODY);
    expect(requests).toEqual(["/s.ts signed bytes=0-99"]);
  });
});

test("stock loaders are recognised, minified or not, and leave the streaming fetch to the driver", async () => {
  const { default: Minified } = (await import("hls.js/dist/hls.min.js")) as {
    default: { DefaultConfig: HlsConfig };
  };
  for (const loader of [FetchLoader, Minified.DefaultConfig.loader]) {
    attempt({ config: { loader: loader as unknown as HlsConfig["loader"] } });
    expect(driver.loads.at(-1)!.request.cdn).toBeNull();
  }
});
