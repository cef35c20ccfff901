import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PlaybackMeasures, PlayheadReport } from "../../driver-contract.ts";
import { bufferedEndOf, createPlaybackWatch, type PlaybackWatch } from "./playback-watch.ts";

class FakeMedia extends EventTarget {
  currentTime = 0;
  playbackRate = 1;
  paused = false;
  seeking = false;
  ended = false;
  readyState = 4;
  ranges: [number, number][] = [];
  get buffered(): TimeRanges {
    const { ranges } = this;
    return { length: ranges.length, start: (i) => ranges[i]![0], end: (i) => ranges[i]![1] };
  }
  emit(...types: string[]): void {
    for (const type of types) this.dispatchEvent(new Event(type));
  }
}

let page: EventTarget & { hidden: boolean };
let media: FakeMedia;
let watch: PlaybackWatch;
let reports: PlayheadReport[];
let measures: PlaybackMeasures[];
const stalled = vi.fn();
const firstFrame = vi.fn();
const element = (): HTMLMediaElement => media as unknown as HTMLMediaElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  media = new FakeMedia();
  reports = [];
  measures = [];
  stalled.mockClear();
  firstFrame.mockClear();
  watch = createPlaybackWatch({
    playhead: (report) => void reports.push(report),
    measured: (measured) => void measures.push(measured),
    stalled,
    firstFrame,
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** From `loadSource` to a picture in 400 ms. */
function startPlaying(): void {
  watch.loading(performance.now());
  watch.watch(element());
  vi.advanceTimersByTime(400);
  media.emit("playing");
}

test("tells what is buffered when it is asked: no media event comes between an append and the next load", () => {
  watch.report();
  expect(reports).toEqual([]);
  watch.watch(element());
  media.ranges = [[0, 4]];
  watch.report();
  expect(reports.map(({ bufferedEndMs }) => bufferedEndMs)).toEqual([0, 4000]);
});

test("reports where the playhead is and how far the buffer around it reaches", () => {
  watch.watch(element());
  media.currentTime = 12;
  media.playbackRate = 1.5;
  media.ranges = [
    [0, 4],
    [11.9, 20],
    [20.1, 25],
    [40, 50],
  ];
  media.emit("timeupdate");
  expect(reports.at(-1)).toEqual({
    positionMs: 12_000,
    rate: 1.5,
    bufferedEndMs: 25_000,
    paused: false,
    hidden: false,
  });
  media.currentTime = 30;
  media.emit("seeking");
  expect(reports.at(-1)!.bufferedEndMs).toBe(30_000);
});

test("a stream that begins a little after zero is buffered at zero", () => {
  media.ranges = [[0.08, 6]];
  expect(bufferedEndOf(element())).toBe(6);
});

test("a page that is hidden says so at once", () => {
  watch.watch(element());
  page.hidden = true;
  page.dispatchEvent(new Event("visibilitychange"));
  expect(reports.at(-1)!.hidden).toBe(true);
});

test("the first frame is told of once, whether or not the viewer starts it", () => {
  media.readyState = 1;
  watch.watch(element());
  expect(firstFrame).not.toHaveBeenCalled();
  media.emit("loadeddata");
  media.emit("playing");
  media.emit("loadeddata");
  expect(firstFrame).toHaveBeenCalledOnce();
});

test.each(["loadeddata", "pause"])("a frame that waits for the viewer is told of with `%s`", (type) => {
  media.readyState = 1;
  watch.watch(element());
  media.emit("loadeddata");
  expect(firstFrame).not.toHaveBeenCalled();
  Object.assign(media, { readyState: 2, paused: true });
  media.emit(type);
  expect(firstFrame).toHaveBeenCalledOnce();
});

test("a frame that is there before anybody watches is told of too", () => {
  media.readyState = 2;
  watch.watch(element());
  expect(firstFrame).toHaveBeenCalledOnce();
});

test("startup time runs from the first loadSource to the first picture", () => {
  startPlaying();
  expect(measures).toEqual([{ startupMs: 400, rebufferMs: 0, rebufferCount: 0 }]);
  watch.loading(performance.now());
  vi.advanceTimersByTime(1000);
  media.emit("playing");
  expect(measures).toHaveLength(1);
});

test("a stall counts from running dry until the picture moves again", () => {
  startPlaying();
  media.readyState = 2;
  media.emit("waiting", "waiting");
  expect(stalled).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(250);
  media.emit("timeupdate");
  vi.advanceTimersByTime(50);
  media.readyState = 4;
  media.emit("playing");
  expect(measures.at(-1)).toEqual({ startupMs: 400, rebufferMs: 300, rebufferCount: 1 });
  media.readyState = 2;
  media.emit("waiting");
  expect(stalled).toHaveBeenCalledTimes(2);
});

test("a stall that lasts grows in the figures, without any media event", () => {
  startPlaying();
  media.readyState = 2;
  media.emit("waiting");
  const latest = measures.at(-1)!;
  for (const afterMs of [700, 1_400]) {
    vi.advanceTimersByTime(700);
    expect({ ...latest }).toEqual({ startupMs: 400, rebufferMs: afterMs, rebufferCount: 1 });
  }
});

test.each<[string, Partial<FakeMedia>]>([
  ["seeking", { seeking: true }],
  ["at the end", { ended: true }],
  ["paused", { paused: true }],
  ["with data at hand", { readyState: 3 }],
])("waiting while %s is no stall", (_name, state) => {
  startPlaying();
  Object.assign(media, { readyState: 2 }, state);
  media.emit("waiting");
  expect(stalled).not.toHaveBeenCalled();
});

test("waiting before the first picture is startup, not a stall", () => {
  watch.loading(performance.now());
  watch.watch(element());
  media.readyState = 1;
  media.emit("waiting");
  expect(stalled).not.toHaveBeenCalled();
});

test("a viewer who seeks or pauses ends the stall", () => {
  startPlaying();
  media.readyState = 2;
  media.emit("waiting");
  vi.advanceTimersByTime(100);
  media.emit("seeking");
  vi.advanceTimersByTime(5000);
  media.emit("playing");
  expect(measures.at(-1)).toMatchObject({ rebufferMs: 100, rebufferCount: 1 });
});

test("starving means: playing, and next to nothing left", () => {
  expect(watch.starving()).toBe(true);
  watch.watch(element());
  media.ranges = [[0, 0.4]];
  expect(watch.starving()).toBe(true);
  media.paused = true;
  expect(watch.starving()).toBe(false);
  media.paused = false;
  media.ranges = [[0, 8]];
  expect(watch.starving()).toBe(false);
});

test("leaves no listener behind", () => {
  const listeners = new Map<string, number>();
  for (const target of [media, page]) {
    const add = target.addEventListener.bind(target);
    const remove = target.removeEventListener.bind(target);
    target.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.set(args[0], (listeners.get(args[0]) ?? 0) + 1);
      add(...args);
    };
    target.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.set(args[0], (listeners.get(args[0]) ?? 0) - 1);
      remove(...args);
    };
  }
  watch.watch(element());
  watch.watch(element());
  expect([...listeners.values()].every((count) => count === 1)).toBe(true);
  watch.unwatch();
  watch.unwatch();
  expect([...listeners.values()].every((count) => count === 0)).toBe(true);
  const reported = reports.length;
  media.emit("timeupdate");
  expect(reports).toHaveLength(reported);
});
