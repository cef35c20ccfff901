import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { segmentKeyOf, type PeerKey } from "@tributary/protocol";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import {
  createCore,
  type Core,
  type CoreStats,
  type Input,
  type Output,
  type SegmentInfo,
} from "./core/index.ts";
import type { TitleDriver, DriverOptions, LoadHandlers, LoadRequest } from "./driver-contract.ts";
import { createDriver } from "./driver.ts";
import type { DriverEnvironment } from "./driver/environment.ts";

const bytes = Uint8Array.from({ length: 150_000 }, (_, index) => (index * 11) & 0xff);
let server: Server;
let url = "";
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/missing.ts") response.writeHead(404).end();
    else if (request.url === "/slow.ts") response.writeHead(200).write(bytes.subarray(0, 1_000));
    else response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const drivers: TitleDriver[] = [];
afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.destroy();
});

const options: DriverOptions = {
  tracker: [],
  token: null,
  upload: { enabled: true, maxBps: Infinity, maxBytesPerDay: Infinity, onMetered: false },
  integrity: "auto",
  ice: { servers: [], policy: "all" },
  storage: { maxBytes: 1e8 },
  earn: null,
};

function start(parts: Partial<DriverEnvironment> = {}, own: Partial<DriverOptions> = {}): TitleDriver {
  const driver = createDriver(
    { ...options, ...own },
    {
      createCore,
      fetch,
      crypto,
      WebSocket: undefined,
      rtc: false,
      random: Math.random,
      beacon: null,
      storage: null,
      ...parts,
    },
  );
  drivers.push(driver);
  return driver;
}

function segment(path: string): SegmentInfo {
  const id = { track: 1, sequence: 1, part: -1, fingerprint: path.length };
  const source = { url: url + path, rangeStartBytes: null, rangeLengthBytes: null };
  return { id, key: segmentKeyOf(id), startMs: 0, durationMs: 4_000, source, root: null };
}

function request(path = "/a.ts"): LoadRequest {
  return {
    segment: segment(path),
    kind: "main",
    shareable: true,
    timeouts: { firstByteMs: 5e3, loadMs: 1e4 },
    cdn: null,
  };
}

const silent: LoadHandlers = { started() {}, progress() {}, delivered() {}, failed() {} };

/** Resolves with how a load ended. */
function load(
  driver: TitleDriver,
  wanted = request(),
): Promise<{ end: string; data: Uint8Array; calls: string[] }> {
  return new Promise((resolve) => {
    const calls: string[] = [];
    let returned = false;
    const ended = (end: string, data = new Uint8Array(0)) => resolve({ end, data, calls });
    driver.load(wanted, {
      started: () => calls.push(returned ? "started" : "started at once"),
      progress: (_, loaded, total) => calls.push(`${loaded}/${total}`),
      delivered: (data) => ended("delivered", new Uint8Array(data)),
      failed: (failure) => ended(`${failure.kind} ${failure.kind === "network" ? failure.status : ""}`),
    });
    returned = true;
  });
}

const noStats = {
  cdnBytes: 0,
  peerBytes: 0,
  wastedBytes: 0,
  uploadedBytes: 0,
  peers: 0,
  peerList: [],
  swarmViewers: 0,
  offloadRatio: 0,
  segmentsFromPeers: 0,
  segmentsFromCdn: 0,
  hashFailures: 0,
} as unknown as CoreStats;

/** A core that answers inputs with what the test scripted. */
function scripted(
  answer: (input: Input, out: Output[]) => void,
  deadline: () => number | null = () => null,
): () => Core {
  return () => ({
    handle: (input, _, out) => answer(input, out),
    nextDeadlineMs: deadline,
    stats: () => noStats,
    explain: () => ["core says"],
    holds: () => false,
    rootOf: () => null,
  });
}

test("what other pages of the site have uploaded today counts against the day's bytes", async () => {
  const today = Math.floor(Date.now() / 86_400_000);
  const kept = new Map([["tributary-uploaded", `${today} 400`]]);
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
  const policies: unknown[] = [];
  const driver = start(
    {
      storage,
      createCore: scripted((input, out) => {
        if (input.type === "upload-policy") policies.push(input.maxBytes);
        if (input.type !== "pause") return;
        const { id } = segment("/a.ts");
        out.push({
          type: "send-piece",
          peer: "p" as PeerKey,
          requestId: 1,
          segment: segmentKeyOf(id),
          offsetBytes: 0,
          lengthBytes: 100,
        });
      }),
    },
    { upload: { ...options.upload, maxBytesPerDay: 1_000 } },
  );
  driver.pause();
  await vi.waitFor(() => expect(kept.get("tributary-uploaded")).toBe(`${today} 500`));
  expect(policies).toEqual([600, 500]);
});

test("with the real core a segment comes from the CDN, unchanged", async () => {
  const driver = start();
  const answers: Response[] = [];
  const answered = (response: Response) => void answers.push(response);
  const { end, data, calls } = await load(driver, { ...request(), answered });
  expect(answers.map(({ headers }) => headers.get("content-length"))).toEqual(["150000"]);
  expect(end).toBe("delivered");
  expect(Buffer.from(data).equals(Buffer.from(bytes))).toBe(true);
  expect(calls[0]).toBe("started");
  expect(driver.stats()).toMatchObject({ cdnBytes: 150_000, segmentsFromCdn: 1, tracker: "off", peers: 0 });
  expect((await load(driver, request("/missing.ts"))).end).toBe("network 404");
});

test("the figures of a stall that lasts are as old as the question", () => {
  const driver = start();
  let rebufferMs = 100;
  driver.measured({
    startupMs: 1,
    rebufferCount: 1,
    get rebufferMs() {
      return rebufferMs;
    },
  });
  expect(driver.stats().rebufferMs).toBe(100);
  rebufferMs = 900;
  expect(driver.stats().rebufferMs).toBe(900);
});

/** A driver with a title and a tracker that nobody answers at, and the sockets it opens. */
function startWithTracker(): { driver: TitleDriver; sockets: WebSocket[] } {
  const sockets: WebSocket[] = [];
  class CountedSocket extends WebSocket {
    constructor(address: string) {
      super(address);
      this.on("error", () => undefined);
      sockets.push(this);
    }
  }
  const parts = { WebSocket: CountedSocket as unknown as DriverEnvironment["WebSocket"], rtc: true };
  const driver = start(parts, { tracker: [url.replace("http", "ws")] });
  driver.setContentId("a title");
  return { driver, sockets };
}

test("the tracker session waits for the first frame", async () => {
  const { driver, sockets } = startWithTracker();
  await load(driver);
  expect(sockets).toEqual([]);
  driver.firstFrame();
  await vi.waitFor(() => expect(sockets).not.toEqual([]));
});

test("the tracker session does not wait longer where the first segment takes its time", async () => {
  const { driver, sockets } = startWithTracker();
  void load(driver, request("/slow.ts"));
  await vi.waitFor(() => expect(sockets).not.toEqual([]));
});

test("the page's own loader fetches where a load has one", async () => {
  const urls: string[] = [];
  const wanted: LoadRequest = {
    ...request(),
    cdn: {
      fetch(asked, handlers) {
        urls.push(asked.url);
        handlers.chunk(bytes.subarray(0, 10));
        handlers.done();
        return { abort() {} };
      },
    },
  };
  const { end, data } = await load(start({ fetch: () => Promise.reject(new Error("not this one")) }), wanted);
  expect([end, data.length, urls]).toEqual(["delivered", 10, [`${url}/a.ts`]]);
});

test("a page that took its own loader back got nothing any more: nobody else was let at the CDN", async () => {
  const driver = start();
  const cdn: LoadRequest["cdn"] = {
    fetch(_, handlers) {
      handlers.chunk(bytes);
      handlers.done();
      return { abort() {} };
    },
  };
  expect((await load(driver, { ...request(), cdn })).end).toBe("delivered");
  expect((await load(driver, request("/another.ts"))).end).toBe("delivered");
});

test("the core hears that the CDN is reached through the player alone before it hears of the load", async () => {
  const inputs: string[] = [];
  const driver = start({ createCore: scripted(({ type }) => inputs.push(type)) });
  driver.load({ ...request(), cdn: { fetch: () => expect.unreachable() } }, silent);
  await Promise.resolve();
  expect(inputs.slice(-2)).toEqual(["cdn-through-player", "segment-wanted"]);
});

test("what was to be fetched for a load that is gone fails, later, and does not go out without its loader", async () => {
  const inputs: string[] = [];
  const fetched = vi.fn(fetch);
  const { key: wanted, source } = segment("/a.ts");
  const driver = start({
    fetch: fetched,
    createCore: scripted(({ type }, out) => {
      inputs.push(type);
      if (type !== "stalled") return;
      const timeouts = { firstByteMs: 1e3, loadMs: 1e3 };
      const whole = { segment: wanted, source, offsetBytes: 0, endBytes: null, timeouts };
      out.push({ type: "http-fetch", fetch: 1, request: 99, ...whole });
    }),
  });
  driver.stalled();
  await Promise.resolve();
  expect(inputs.slice(-1)).toEqual(["stalled"]);
  await vi.waitFor(() => expect(inputs.slice(-1)).toEqual(["http-failed"]));
  expect(fetched).not.toHaveBeenCalled();
});

test("a core that repeats what fails at once froze the page", async () => {
  let handled = 0;
  const driver = start({
    createCore: scripted(({ type }, out) => {
      if ((type !== "stalled" && type !== "piece-checked") || ++handled > 20_000) return;
      out.push({ type: "check-piece", segment: segment("/a.ts").key, piece: 0, check: 1 });
    }),
  });
  driver.stalled();
  await new Promise((resolve) => setTimeout(resolve));
  expect(handled).toBeGreaterThan(0);
  expect(handled).toBeLessThan(1000);
});

test("inputs raised while the core works wait their turn", async () => {
  const order: string[] = [];
  const wanted = request();
  const driver = start({
    createCore: scripted((input, out) => {
      order.push(`in ${input.type}`);
      if (input.type !== "segment-wanted") return;
      out.push({ type: "load-started", request: input.request, startMs: 1 });
      out.push({ type: "check-piece", segment: wanted.segment.key, piece: 0, check: 1 });
      out.push({ type: "fail-segment", request: input.request, failure: { kind: "timeout", text: "" } });
    }),
  });
  const calls = (await load(driver, wanted)).calls;
  order.push("out");
  await Promise.resolve();
  expect(calls).toEqual(["started"]);
  expect(order).toEqual(["in upload-policy", "in segment-wanted", "in piece-checked", "out"]);
});

test("an aborted load is silent and the core hears of it", async () => {
  const inputs: string[] = [];
  const driver = start({ createCore: scripted(({ type }) => inputs.push(type)) });
  const never = () => expect.unreachable();
  const handlers: LoadHandlers = { started: never, progress: never, delivered: never, failed: never };
  const handle = driver.load(request("/slow.ts"), handlers);
  handle.abort();
  handle.abort();
  await Promise.resolve();
  expect(inputs).toEqual(["upload-policy", "segment-wanted", "segment-cancelled"]);
});

test("a core that throws costs P2P, not playback", async () => {
  const warnings: string[] = [];
  const driver = start({
    createCore: scripted((input) => {
      if (input.type === "stalled") throw new Error("our bug");
    }),
  });
  driver.on("warning", ({ code, message }) => warnings.push(`${code}: ${message}`));
  const running = load(driver, request("/slow.ts"));
  await Promise.resolve();
  driver.stalled();
  // The loader repeats a load by itself where the driver is not active any more.
  expect((await running).end).toBe("network 0");
  expect(driver.active).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(/^p2p-unavailable: .*our bug/)]);
  expect(driver.explain()).toMatch(/our bug/);
  driver.stalled();
  expect((await load(driver)).end).toBe("network 0");
});

test("deadlines come back as ticks", async () => {
  let due: number | null = performance.now() + 20;
  const ticked = new Promise<number>((resolve) => {
    start({
      createCore: scripted(
        (input) => {
          if (input.type !== "tick") return;
          due = null;
          resolve(performance.now());
        },
        () => due,
      ),
    });
  });
  const at = due;
  expect(await ticked).toBeGreaterThanOrEqual(at - 2);
});

test("a listener that throws harms nobody", async () => {
  const peer = "0".repeat(32) as PeerKey;
  const thrown: unknown[] = [];
  const onError = (error: unknown) => thrown.push(error);
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").on("uncaughtException", onError);
  try {
    const driver = start({
      createCore: scripted((input, out) => {
        if (input.type === "stalled")
          out.push({ type: "event", event: { type: "peer", peer, state: "connected", reason: "" } });
      }),
    });
    driver.on("peer", () => {
      throw new Error("page bug");
    });
    const heard = new Promise((resolve) => driver.on("peer", resolve));
    driver.stalled();
    expect(await heard).toMatchObject({ peer, state: "connected" });
    await new Promise((resolve) => setImmediate(resolve));
    expect([driver.active, String(thrown)]).toEqual([true, "Error: page bug"]);
  } finally {
    process.removeListener("uncaughtException", onError);
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
});

test("without crypto.subtle the driver says so and does nothing", async () => {
  const driver = start({ crypto: {} as Crypto });
  const warned = new Promise<{ code: string }>((resolve) => driver.on("warning", resolve));
  expect((await warned).code).toBe("p2p-unavailable");
  expect([driver.active, driver.explain()]).toEqual([false, expect.stringMatching(/secure context/)]);
});

test("explains what is missing", () => {
  expect(start().explain()).toMatch(/No tracker is configured/);
  expect(start({}, { tracker: ["wss://t"] }).explain()).toMatch(/no WebRTC/);
  const socket = WebSocket as unknown as NonNullable<DriverEnvironment["WebSocket"]>;
  const whole = start(
    { rtc: true, WebSocket: socket },
    { tracker: ["wss://t"], upload: { ...options.upload, enabled: false } },
  );
  expect(whole.explain()).toMatch(/No stream is loaded yet[^]*Uploading is switched off/);
  whole.setContentId("a title");
  expect(whole.explain()).toMatch(/contacted when the player loads its next segment/);
  expect(whole.explain()).not.toMatch(/Without a tracker/);
});

test("destroy ends what runs and leaves no timer behind", async () => {
  const made = vi.spyOn(globalThis, "setTimeout");
  const cleared = vi.spyOn(globalThis, "clearTimeout");
  /** Timers of this test alone, and none that could have run out meanwhile. */
  const left = () => {
    const ended = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
    return made.mock.results.filter(
      ({ value }, index) => (made.mock.calls[index]?.[1] ?? 0) >= 500 && !ended.has(value),
    ).length;
  };
  const driver = start();
  driver.on("stats", () => {});
  const running = load(driver, request("/slow.ts"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(left()).toBeGreaterThan(0);
  await driver.destroy();
  expect((await running).end).toBe("network 0");
  expect([driver.active, left()]).toEqual([false, 0]);
  vi.restoreAllMocks();
  driver.pause();
  driver.resume();
  driver.setContentId("late");
  await driver.destroy();
});
