import { segmentKeyOf } from "@tributary/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCore, type Core, type Input } from "./core/index.ts";
import type { BegunEnd, BegunLoad, Driver, DriverOptions, LoadRequest } from "./driver-contract.ts";
import { createDriver } from "./driver.ts";
import type { DriverEnvironment } from "./driver/environment.ts";
import { createSleepingDriver } from "./sleeping-driver.ts";

const options: DriverOptions = {
  tracker: [],
  token: null,
  upload: { enabled: true, maxBps: Infinity, maxBytesPerDay: Infinity, onMetered: false },
  integrity: "auto",
  ice: { servers: [], policy: "all" },
  storage: { maxBytes: 1e8 },
  earn: null,
};
const bytes = Uint8Array.from({ length: 150_000 }, (_, index) => (index * 11) & 0xff);

const drivers: Driver[] = [];
afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.destroy();
});

/** Asleep, over the real core; what the core is given is written down. */
function start(tracker: readonly string[] = []) {
  const inputs: (Input & { nowMs: number })[] = [];
  const fetched: string[] = [];
  let made = 0;
  const environment = {
    createCore: (config: Parameters<typeof createCore>[0]): Core => {
      const core = createCore(config);
      return {
        ...core,
        handle(input, nowMs, out) {
          inputs.push({ ...input, nowMs });
          core.handle(input, nowMs, out);
        },
      };
    },
    fetch: (url: unknown) => {
      fetched.push(String(url));
      return Promise.resolve(new Response(bytes));
    },
    crypto,
    WebSocket: class extends EventTarget {
      close() {}
    } as unknown as NonNullable<DriverEnvironment["WebSocket"]>,
    rtc: true,
    random: Math.random,
    beacon: null,
    storage: null,
  };
  const driver = createSleepingDriver((bornMs) => {
    made += 1;
    return createDriver({ ...options, tracker }, environment, bornMs);
  });
  drivers.push(driver);
  return { driver, inputs, fetched, made: () => made };
}

function request(sequence: number, begun?: BegunLoad): LoadRequest {
  const id = { track: 1, sequence, part: -1, fingerprint: sequence };
  const source = { url: `https://cdn.example/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null };
  return {
    segment: {
      id,
      key: segmentKeyOf(id),
      startMs: sequence * 4_000,
      durationMs: 4_000,
      source,
      root: null,
    },
    kind: "main",
    shareable: true,
    timeouts: { firstByteMs: 5e3, loadMs: 1e4 },
    cdn: null,
    ...(begun && { begun }),
  };
}

function begun() {
  const listeners: ((end: BegunEnd) => void)[] = [];
  let ended: BegunEnd | null = null;
  return {
    load: {
      onEnd(listener: (end: BegunEnd) => void) {
        if (ended !== null) listener(ended);
        else listeners.push(listener);
        return () => {};
      },
    },
    end(end: BegunEnd) {
      ended = end;
      for (const listener of listeners) listener(end);
    },
  };
}

const silent = { started() {}, progress() {}, delivered() {}, failed() {} };
const delivered = (driver: Driver, wanted: LoadRequest) =>
  new Promise<number>((resolve, reject) => {
    const failed = () => reject(new Error("failed"));
    driver.load(wanted, { ...silent, delivered: (data) => resolve(data.byteLength), failed });
  });

test("with the first frame it learns what happened, when it happened", async () => {
  const { driver, inputs, fetched, made } = start();
  const segments: object[] = [];
  driver.on("segment", (event) => segments.push(event));
  const first = begun();
  driver.load(request(1, first.load), silent);
  const nowMs = performance.now();
  first.end({ ok: true, data: bytes, startMs: nowMs, firstByteMs: nowMs + 5, endMs: nowMs + 9 });
  expect([driver.active, made(), driver.stats().cdnBytes]).toEqual([true, 0, 0]);

  while (performance.now() < nowMs + 12) await new Promise((resolve) => setTimeout(resolve, 1));
  driver.firstFrame();
  expect(made()).toBe(1);
  expect(driver.stats()).toMatchObject({ cdnBytes: 150_000, segmentsFromCdn: 1 });
  expect(inputs.map(({ type }) => type).slice(0, 5)).toEqual([
    "upload-policy",
    "segment-wanted",
    "http-started",
    "http-progress",
    "http-done",
  ]);
  const [born, wanted, started, , done] = inputs.map((input) => input.nowMs);
  expect(born).toBeLessThanOrEqual(wanted!);
  expect(wanted).toBeLessThanOrEqual(nowMs);
  expect([started, done]).toEqual([nowMs + 5, nowMs + 9]);
  await vi.waitFor(() => expect(segments).toHaveLength(1));
  expect(fetched).toEqual([]);
});

test("the player begins one load of each kind by itself; the next one is the engine's", async () => {
  const { driver, fetched, made } = start();
  expect([driver.yields("main"), driver.yields("audio")]).toEqual([true, true]);
  driver.load(request(1, begun().load), silent);
  expect([driver.yields("main"), driver.yields("audio"), made()]).toEqual([false, true, 0]);
  expect(await delivered(driver, request(2))).toBe(150_000);
  expect([driver.yields("audio"), made(), fetched]).toEqual([false, 1, ["https://cdn.example/2.ts"]]);
});

test("the CDN seemed a hundred times as fast as it was: the first segment's body had taken no time", () => {
  const { driver, inputs } = start();
  const [picture, sound] = [begun(), begun()];
  driver.load(request(1, picture.load), silent);
  driver.load({ ...request(2, sound.load), kind: "audio" }, silent);
  const startMs = Math.floor(performance.now()) - 1_000;
  for (const { end } of [picture, sound])
    end({ ok: true, data: bytes, startMs, firstByteMs: startMs + 50, endMs: startMs + 200 });
  driver.firstFrame();
  const took = { firstByteMs: 50, bodyMs: 150 };
  expect(inputs.flatMap((input) => (input.type === "http-done" ? [input.took] : []))).toEqual([took, took]);
});

test("a load that was begun long before it is heard of says how long it took, whenever that is", async () => {
  const { driver, inputs, made } = start();
  const first = begun();
  driver.load(request(1, first.load), silent);
  await vi.waitFor(() => expect(made()).toBe(1));
  const endMs = Math.floor(performance.now());
  driver.playhead({ positionMs: 0, rate: 1, bufferedEndMs: 0, paused: false, hidden: false });
  await Promise.resolve();
  first.end({ ok: true, data: bytes, startMs: endMs - 3_000, firstByteMs: endMs - 2_500, endMs });
  // As hls.js has it, no more than a tenth of a second of waiting counts as such.
  expect(inputs.at(-1)).toMatchObject({ type: "http-done", took: { firstByteMs: 500, bodyMs: 2_900 } });
});

test("the second segment came from the CDN although others had it: nobody had said that a tracker was being asked", async () => {
  const { driver, inputs } = start(["wss://tracker.example"]);
  driver.setContentId("a title");
  driver.load(request(1, begun().load), silent);
  driver.load(request(2), silent);
  await vi.waitFor(() => expect(inputs.filter(({ type }) => type === "segment-wanted")).toHaveLength(2));
  const types = inputs.map(({ type }) => type).filter((type) => /wanted|joining/.test(type));
  expect(types).toEqual(["segment-wanted", "tracker-joining", "segment-wanted"]);
});

test("where the first load takes its time it wakes meanwhile, and goes on listening", async () => {
  const { driver, made } = start();
  const first = begun();
  driver.load(request(1, first.load), silent);
  await vi.waitFor(() => expect(made()).toBe(1));
  expect(driver.stats().segmentsFromCdn).toBe(0);
  const nowMs = performance.now();
  first.end({ ok: true, data: bytes, startMs: nowMs, firstByteMs: nowMs, endMs: nowMs });
  expect(driver.stats()).toMatchObject({ cdnBytes: 150_000, segmentsFromCdn: 1 });
});

describe("a first segment that is in", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());
  const arrived = (of: ReturnType<typeof begun>) =>
    of.end({ ok: true, data: bytes, startMs: 1, firstByteMs: 2, endMs: 3 });

  const wanted = (inputs: readonly Input[]) =>
    inputs.flatMap((input) => (input.type === "segment-wanted" ? [input.segment.id.sequence] : []));

  test("had its frame shown late by the engine, which awoke meanwhile", () => {
    const { driver, made } = start();
    const [main, audio] = [begun(), begun()];
    driver.load(request(1, main.load), silent);
    arrived(main);
    vi.advanceTimersByTime(10_000);
    expect(made()).toBe(0);
    driver.load({ ...request(1, audio.load), kind: "audio" }, silent);
    vi.advanceTimersByTime(249);
    expect(made()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(made()).toBe(1);
  });

  test("had its frame shown late by the engine, which awoke with the second load", async () => {
    const { driver, inputs, made } = start();
    const first = begun();
    driver.load(request(1, first.load), silent);
    driver.load(request(2), silent);
    arrived(first);
    vi.advanceTimersByTime(149);
    expect(made()).toBe(0);
    driver.firstFrame();
    await Promise.resolve();
    expect(wanted(inputs)).toEqual([1, 2]);
  });

  test("is not shown yet: the second one waits for that, and no longer than a moment", async () => {
    const { driver, inputs } = start();
    const first = begun();
    driver.load(request(1, first.load), silent);
    arrived(first);
    driver.load(request(2), silent).abort();
    driver.load(request(3), silent);
    vi.advanceTimersByTime(150);
    await Promise.resolve();
    expect(wanted(inputs)).toEqual([1, 3]);
  });

  test("had its frame shown late by the tracker session, which began with the second load", async () => {
    const keys = vi.spyOn(crypto.subtle, "generateKey");
    const { driver, made } = start(["wss://tracker.example"]);
    driver.setContentId("title");
    const first = begun();
    driver.load(request(1, first.load), silent);
    arrived(first);
    driver.load(request(2), silent);
    vi.advanceTimersByTime(150);
    expect(made()).toBe(1);
    vi.advanceTimersByTime(499);
    expect(keys).not.toHaveBeenCalled();
    driver.firstFrame();
    await Promise.resolve();
    expect(keys).toHaveBeenCalled();
    keys.mockRestore();
  });
});

test("a first load that fails is the player's to repeat, and the repetition the engine's", async () => {
  const { driver, fetched } = start();
  const first = begun();
  driver.load(request(1, first.load), silent);
  first.end({ ok: false, reason: "status", status: 503, text: "" });
  expect(await delivered(driver, request(1))).toBe(150_000);
  expect(fetched).toHaveLength(1);
  expect(driver.stats()).toMatchObject({ segmentsFromCdn: 1 });
});

test("a load that the player gave up failed another one of the same segment, which had joined it", async () => {
  const { driver, fetched } = start();
  const first = begun();
  driver.load(request(1, first.load), silent);
  const second = delivered(driver, request(1));
  await Promise.resolve();
  expect(fetched).toEqual([]);
  first.end({ ok: false, reason: "network", status: 0, text: "aborted" });
  expect(await second).toBe(150_000);
  expect(fetched).toEqual(["https://cdn.example/1.ts"]);
});

test("a load that was called off before it woke is none", () => {
  const { driver, inputs } = start();
  driver.load(request(1, begun().load), silent).abort();
  driver.firstFrame();
  expect(inputs.map(({ type }) => type)).toEqual(["upload-policy", "first-frame"]);
});

test("destroyed in its sleep it makes nothing any more", async () => {
  const { driver, made } = start();
  const listener = vi.fn<() => void>();
  driver.on("stats", listener)();
  driver.load(request(1, begun().load), silent);
  await driver.destroy();
  driver.firstFrame();
  expect([driver.active, made(), listener.mock.calls]).toEqual([false, 0, []]);
  expect(driver.explain()).toMatch(/was destroyed/);
});

test("a page that asked explain() time and again woke the engine before its first frame", () => {
  const { driver, made } = start();
  expect(driver.explain()).toMatch(/^Playback is starting/);
  driver.load(request(1, begun().load), silent);
  driver.explain();
  expect([made(), driver.stats().cdnBytes]).toEqual([0, 0]);
  driver.firstFrame();
  expect(driver.explain()).toMatch(/No tracker is configured/);
});

test("a player that is fed and never started does not fill its memory", () => {
  const { driver, made } = start();
  for (let i = 0; i < 100; i += 1)
    driver.playhead({ positionMs: 0, rate: 1, bufferedEndMs: 0, paused: true, hidden: false });
  expect(made()).toBe(1);
});

test("the next title was played from the bytes of the last one, whose segments were named alike", async () => {
  const { driver, fetched, made } = start();
  driver.firstFrame();
  expect(await delivered(driver, request(1))).toBe(150_000);
  driver.newTitle();
  expect([driver.active, driver.yields("main"), driver.stats().cdnBytes]).toEqual([true, true, 0]);
  expect(await delivered(driver, request(1))).toBe(150_000);
  expect([made(), fetched.length]).toEqual([2, 2]);
});

test("listeners and a pause outlive the title they were set in", async () => {
  const { driver } = start(["wss://tracker.example"]);
  const [kept, dropped] = [vi.fn<() => void>(), vi.fn<() => void>()];
  driver.on("segment", kept);
  const off = driver.on("segment", dropped);
  driver.pause();
  driver.newTitle();
  off();
  await delivered(driver, request(1));
  await vi.waitFor(() => expect(kept).toHaveBeenCalledOnce());
  expect(dropped).not.toHaveBeenCalled();
  expect(driver.explain()).toMatch(/pause/);
});

test("what the last title had left to say in its sleep is not said of the next one", () => {
  const { driver, inputs, made } = start();
  driver.load(request(1, begun().load), silent);
  driver.stalled();
  driver.newTitle();
  driver.firstFrame();
  expect(inputs.map(({ type }) => type)).toEqual(["upload-policy", "first-frame"]);
  expect(made()).toBe(1);
});

test("a player that was given a source after the engine's end woke it again", async () => {
  const { driver, made } = start();
  await driver.destroy();
  driver.newTitle();
  driver.firstFrame();
  expect([driver.active, made()]).toEqual([false, 0]);
});
