import { expect, it } from "vitest";
import { createCdnEstimate } from "./cdn.ts";

const small = (firstByteMs: number) => ({
  sizeBytes: 50_000,
  firstByteMs,
  bodyBytes: 0,
  bodyMs: 0,
});

it("counts the wait for the first byte once where all bodies came in one read", () => {
  const cdn = createCdnEstimate();
  cdn.sample(small(300), 0);
  expect(cdn.fetchMs(null)).toBe(300);
  expect(cdn.fetchMs(100_000)).toBe(600);
  expect(cdn.fetchMs(1)).toBe(300);
  expect(cdn.fetchMs(50_000, 3)).toBe(900);
});

it("forgets a slow start: small bodies follow each other in the estimate", () => {
  const cdn = createCdnEstimate();
  cdn.sample(small(1600), 0);
  for (let count = 0; count < 6; count++) cdn.sample(small(50), 0);
  expect(cdn.fetchMs(50_000)).toBeLessThan(100);
});

it("takes the first body that is large enough for the rate, and a small one no more", () => {
  const cdn = createCdnEstimate();
  cdn.sample(small(100), 0);
  cdn.sample({ sizeBytes: 600_000, firstByteMs: 100, bodyBytes: 500_000, bodyMs: 200 }, 0);
  expect(cdn.rateBps()).toBe(20_000_000);
  cdn.sample(small(100), 0);
  expect(cdn.rateBps()).toBe(20_000_000);
  expect(cdn.fetchMs(500_000)).toBe(100 + 200);
});

it("does not take the length of a range for that of a segment", () => {
  const cdn = createCdnEstimate();
  const body = { firstByteMs: 100, bodyBytes: 500_000, bodyMs: 200 };
  cdn.sample({ sizeBytes: 500_000, ...body }, 0);
  cdn.sample({ sizeBytes: 65_536, ...body, isRange: true }, 0);
  expect(cdn.fetchMs(null)).toBe(300);
});

it("takes the rate of what was called off, if it took its time, and at once the one that a slow line has", () => {
  const cdn = createCdnEstimate();
  expect(cdn.seenAtMs()).toBe(-Infinity);
  cdn.sample({ sizeBytes: 600_000, firstByteMs: 100, bodyBytes: 500_000, bodyMs: 200 }, 1000);
  cdn.cut(10_000, 300, 2000);
  expect([cdn.rateBps(), cdn.seenAtMs()]).toEqual([20_000_000, 1000]);
  cdn.cut(10_000, 2000, 4000);
  expect([cdn.rateBps(), cdn.seenAtMs()]).toEqual([10_032_000, 4000]);
  cdn.slowed(50_000, 2000, 5000);
  expect([cdn.rateBps(), cdn.seenAtMs()]).toEqual([200_000, 5000]);
  cdn.slowed(0, 2000, 6000);
  expect(cdn.rateBps()).toBe(64_000);
});
