import type { LoaderStats } from "hls.js";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createLoadBench,
  stubLoader,
  type Attempt,
  type AttemptOptions,
  type LoadBench,
} from "./testing/load-bench.ts";
import type { BegunEnd } from "../../driver-contract.ts";
import type { ScriptedDriver } from "./testing/scripted-driver.ts";

vi.stubGlobal("self", globalThis);

const BODY = new Uint8Array(20_000).map((_, index) => index & 0xff);
let server: Server;
let origin: string;
let bench: LoadBench;
let driver: ScriptedDriver;
const attempt = (options?: AttemptOptions): Attempt => bench.attempt(options);

beforeAll(async () => {
  server = createServer((request, response) => {
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
beforeEach(() => {
  bench = createLoadBench();
  driver = bench.driver;
});

const timing = { startMs: 100, firstByteMs: 110, endMs: 150 };

describe("a load in the driver's hands", () => {
  test("waits without time passing, then shows the clock of the network", () => {
    const { loader } = attempt();
    const { stats } = loader;
    const { loading } = stats;
    const parsing = stats.parsing;
    const nowMs = performance.now();
    const before = loading.start;
    expect(before).toBeGreaterThanOrEqual(nowMs);
    expect(before).toBeLessThanOrEqual(performance.now());
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
    expect(request.segment.id).toEqual(bench.claimed!.id);
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
    expect(bench.host.pending.size).toBe(0);
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
    expect(bench.host.pending.size).toBe(0);
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

  test("what the CDN answered is there to be read, as in plain hls.js's events", async () => {
    const { calls, settled } = attempt();
    const { request, handlers } = driver.loads[0]!;
    request.answered!(new Response(null, { headers: { "x-cache": "HIT" } }));
    handlers.delivered(new ArrayBuffer(1), timing);
    await settled;
    const network = calls[0]!.network as Response & Pick<XMLHttpRequest, "getResponseHeader">;
    expect([network.headers.get("x-cache"), network.getResponseHeader("x-cache")]).toEqual(["HIT", "HIT"]);
  });

  test("a failure after an answer is the failure's, not the answer's", async () => {
    const { calls, settled } = attempt();
    const { request, handlers } = driver.loads[0]!;
    request.answered!(new Response(null));
    handlers.failed({ kind: "network", status: 503, text: "" });
    await settled;
    expect((calls[0]!.network as Response).status).toBe(503);
  });

  test("a page that reads headers of a segment that came from a peer finds none, and no null", async () => {
    const { calls, settled } = attempt();
    const { request, handlers } = driver.loads[0]!;
    request.answered!(new Response("overloaded", { status: 503, headers: { "x-cache": "MISS" } }));
    handlers.delivered(new ArrayBuffer(1), timing);
    await settled;
    const network = calls[0]!.network as Response & Pick<XMLHttpRequest, "getResponseHeader">;
    expect([network.status, network.getResponseHeader("x-cache")]).toEqual([200, null]);
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

describe("a load that the player's own loader begins", () => {
  const seen = () => new Promise<BegunEnd>((resolve) => driver.loads[0]!.request.begun!.onEnd(resolve));

  beforeEach(() => {
    driver.yields = () => true;
  });

  test("is plain hls.js's in everything, and the driver hears of it afterwards", async () => {
    const { loader, calls, settled } = attempt({ url: `${origin}/s.ts` });
    const { stats } = loader;
    const { loading } = stats;
    calls.push = (call) => {
      // hls.js gives the bytes away to its worker.
      structuredClone(call.data, { transfer: [call.data as ArrayBuffer] });
      return Array.prototype.push.call(calls, call);
    };
    const end = await seen();
    await settled;
    expect(calls.map(({ name }) => name)).toEqual(["success"]);
    expect(stats.loaded).toBe(BODY.length);
    const { start: startMs, first: firstByteMs, end: endMs } = loading;
    expect(end).toEqual({ ok: true, data: BODY, startMs, firstByteMs, endMs });
    expect(await seen()).toBe(end);
    expect(driver.loads[0]!.aborted).toBe(false);
  });

  test.each([
    ["missing.ts", { ok: false, reason: "status", status: 404, text: "Not Found" }],
    ["endless.ts", { ok: false, reason: "network", status: 0, text: "aborted" }],
  ])("tells the driver how it ended: %s", async (path, end) => {
    const { loader } = attempt({ url: `${origin}/${path}` });
    if (path === "endless.ts") loader.abort();
    expect(await seen()).toEqual(end);
  });

  test("destroyed before its end it is called off", async () => {
    const { loader, names } = attempt({ url: `${origin}/endless.ts` });
    loader.destroy();
    expect(await seen()).toMatchObject({ ok: false, text: "aborted" });
    expect([driver.loads[0]!.aborted, names()]).toEqual([true, []]);
  });

  test.each([
    ["no stats", undefined],
    ["stats by another clock", { loading: { start: 1.79e12, first: 1.79e12 + 5, end: 1.79e12 + 9 } }],
    ["stats of NaN", { loading: { start: NaN, first: NaN, end: NaN } }],
  ])(
    "a page's own loader that gives %s feeds its player, and the driver believes our clock",
    async (_name, stats) => {
      const { Loader, made } = stubLoader();
      const { settled, names } = attempt({ page: Loader });
      const { callbacks, context } = made[0]!;
      const nowMs = performance.now();
      const response = { url: context!.url, data: BODY.slice().buffer, code: 200 };
      callbacks!.onSuccess(response, stats as unknown as LoaderStats, context!, null);
      await settled;
      expect(names()).toEqual(["success"]);
      const end = (await seen()) as BegunEnd & { ok: true };
      expect(end.startMs).toBeLessThanOrEqual(nowMs);
      expect([end.firstByteMs, end.endMs]).toEqual([end.endMs, end.firstByteMs]);
      expect(end.endMs).toBeGreaterThanOrEqual(nowMs);
    },
  );

  test("a page's own loader that throws once is asked again, and the driver does not wait for the first one", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { Loader, made } = stubLoader();
    let throws = true;
    class MoodyLoader extends Loader {
      override load(...all: Parameters<InstanceType<typeof Loader>["load"]>): void {
        if (throws) {
          throws = false;
          throw new Error("no signature yet");
        }
        super.load(...all);
      }
    }
    attempt({ page: MoodyLoader });
    expect(await seen()).toMatchObject({ ok: false, text: "aborted" });
    expect([driver.loads[0]!.aborted, made.length, made[1]!.context === null]).toEqual([true, 2, false]);
    warn.mockRestore();
  });

  test.each([
    ["a player that takes chunks", { config: { progressive: true } }],
    ["a range, which servers have been seen to ignore", { range: [0, 10] as [number, number] }],
  ])("%s is the driver's from the start", (_name, options) => {
    attempt(options);
    expect(driver.loads[0]!.request.begun).toBeUndefined();
  });
});

describe("the CDN floor", () => {
  test("what the engine does not claim is loaded by hls.js's own loader, stats and all", async () => {
    bench.claimed = null;
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
    bench.claimed = null;
    const { calls, settled } = attempt({ url: `${origin}/missing.ts` });
    await settled;
    expect(calls[0]).toMatchObject({ name: "error", response: { code: 404 } });
  });

  test("aborting and destroying reach the loader that does the work", () => {
    bench.claimed = null;
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
    expect(bench.host.pending.size).toBe(0);
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
    for (const load of [...bench.host.pending]) load.fallBack();
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
      bench.starved = true;
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
      bench.starved = true;
      vi.advanceTimersByTime(60_000);
      expect(driver.loads[0]!.aborted).toBe(false);
      loader.destroy();
    } finally {
      vi.useRealTimers();
    }
  });
});
