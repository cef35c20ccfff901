import { describe, expect, it } from "vitest";
import { distinct, type Delivery } from "./delivery.ts";
import { neededBytes, offloadCeiling, offloadRatio } from "./offload.ts";

const segments = (count: number, first = 0): Delivery[] =>
  Array.from({ length: count }, (_, index) => ({ segment: `1.${first + index}`, sizeBytes: 100, atMs: 0 }));

describe("offload counted at the origin", () => {
  const twoViewers = [segments(10), segments(10)];

  it("is what the origin did not send", () => {
    expect(offloadRatio(1000, twoViewers)).toBe(0.5);
    expect(offloadRatio(2000, twoViewers)).toBe(0);
  });

  it("is negative where the swarm costs more than plain hls.js", () => {
    expect(offloadRatio(2500, twoViewers)).toBe(-0.25);
  });

  it("needs a segment once per viewer, however often the player loaded it", () => {
    expect(neededBytes([[...segments(2), ...segments(2)]])).toBe(200);
  });

  it("is zero where nobody played anything", () => {
    expect(offloadRatio(0, [])).toBe(0);
    expect(offloadCeiling([[]], "playlist")).toBe(0);
  });
});

describe("the ceiling", () => {
  const sixViewers = Array.from({ length: 6 }, () => segments(18));

  it("allows one copy of each segment and one first segment per joiner", () => {
    expect(offloadCeiling(sixViewers, "playlist")).toBeCloseTo(1 - (18 + 5) / (6 * 18), 10);
  });

  it("allows the verifier a copy of its own", () => {
    expect(offloadCeiling(sixViewers, "verifier")).toBeCloseTo(1 - (36 + 5) / (6 * 18), 10);
  });

  it("counts a first segment that nobody else starts with only once", () => {
    const live = [segments(10, 0), segments(10, 1)];
    expect(offloadCeiling(live, "playlist")).toBeCloseTo(1 - 11 / 20, 10);
  });

  it("never falls below zero", () => {
    expect(offloadCeiling([segments(5)], "verifier")).toBe(0);
  });
});

describe("distinct deliveries", () => {
  it("keep their order", () => {
    const [a, b] = segments(2) as [Delivery, Delivery];
    expect(distinct([b, a, b])).toEqual([b, a]);
  });
});
