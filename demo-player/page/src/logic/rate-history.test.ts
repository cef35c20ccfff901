import { describe, expect, it } from "vitest";
import { chartPaths, createRateHistory, HISTORY_MS } from "./rate-history.ts";

describe("rate history", () => {
  it("gives the rate over the last eight seconds and forgets what is too old", () => {
    const history = createRateHistory();
    for (let second = 0; second <= 200; second++) {
      history.record({ peerBytes: second * 75_000, cdnBytes: second * 25_000 }, second * 1_000);
    }
    const points = history.rates();
    expect(points[0]?.atMs).toBe(200_000 - HISTORY_MS);
    for (const point of points) {
      expect(point.peerBps).toBeCloseTo(600_000);
      expect(point.cdnBps).toBeCloseTo(200_000);
    }
  });

  it("does not take the burst at the start for a lasting rate", () => {
    const history = createRateHistory();
    history.record({ peerBytes: 0, cdnBytes: 0 }, 0);
    history.record({ peerBytes: 0, cdnBytes: 1_000_000 }, 500);
    expect(history.rates()[1]?.cdnBps).toBeCloseTo(1_000_000);
  });

  it("draws two closed areas and a round scale", () => {
    const points = [
      { atMs: 0, peerBps: 0, cdnBps: 1_000_000 },
      { atMs: HISTORY_MS, peerBps: 1_500_000, cdnBps: 500_000 },
    ];
    const paths = chartPaths(points, HISTORY_MS, 100, 50);
    expect(paths.topBps).toBe(2_000_000);
    expect(paths.cdn).toBe("M0.0 25.0L100.0 37.5L100.0 50.0L0.0 50.0Z");
    expect(paths.peers).toBe("M0.0 25.0L100.0 0.0L100.0 37.5L0.0 25.0Z");
  });

  it("scales in steps of one, two and five", () => {
    const top = (bps: number) => chartPaths([{ atMs: 0, peerBps: bps, cdnBps: 0 }], 0, 1, 1).topBps;
    expect([0, 1.5e6, 3e6, 7e6, 15e6, 40e6, 90e6].map(top)).toEqual([1e6, 2e6, 5e6, 10e6, 20e6, 50e6, 100e6]);
  });
});
