import { describe, expect, it } from "vitest";
import { coveredMs, stretchesOf } from "./busy-time.ts";
import { goodputOf } from "./goodput.ts";

const load = (startMs: number, endMs: number, peerBytes = 1000) => ({
  startMs,
  endMs,
  sizeBytes: 1000,
  peerBytes,
});

describe("busy time", () => {
  it("counts what overlaps once", () => {
    const intervals = [
      { startMs: 10, endMs: 30 },
      { startMs: 0, endMs: 20 },
      { startMs: 12, endMs: 13 },
      { startMs: 50, endMs: 60 },
    ];
    expect(coveredMs(intervals)).toBe(40);
    expect(coveredMs([])).toBe(0);
  });

  it("joins arrivals that follow each other closely", () => {
    expect(stretchesOf([0, 10, 40, 200, 230], 50)).toEqual([
      { startMs: 0, endMs: 40 },
      { startMs: 200, endMs: 230 },
    ]);
  });
});

describe("goodput", () => {
  it("is whole segments from peers over the time they took, the first left out", () => {
    const loads = [load(0, 900), load(1000, 1100), load(1500, 1600)];
    expect(goodputOf({ loads, arrivalsMs: [] })).toEqual({ bytes: 2000, bytesPerSecond: 10_000 });
  });

  it("leaves out what came from the CDN, wholly or in part", () => {
    const loads = [load(0, 900), load(1000, 1001, 0), load(1100, 1200), load(1300, 1301, 999)];
    expect(goodputOf({ loads, arrivalsMs: [] })).toEqual({ bytes: 1000, bytesPerSecond: 10_000 });
    expect(goodputOf({ loads: [load(0, 1, 0)], arrivalsMs: [] })).toBeNull();
  });

  it("gives nothing for fetching ahead: data that came in between counts as time", () => {
    const loads = [load(0, 900), load(1000, 1100), load(1300, 1300)];
    const arrivalsMs = [500, 1110, 1150, 1200];
    expect(goodputOf({ loads, arrivalsMs })).toEqual({ bytes: 2000, bytesPerSecond: 2_000_000 / 190 });
  });
});
