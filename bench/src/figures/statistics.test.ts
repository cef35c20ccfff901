import { describe, expect, it } from "vitest";
import { median, quantile, ratioOfMedians, seededRandom } from "./statistics.ts";

describe("quantiles", () => {
  it("interpolate and do not depend on the order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([10, 0], 0.25)).toBe(2.5);
    expect(quantile([7], 0.975)).toBe(7);
  });

  it("of nothing are not a number", () => {
    expect(median([])).toBeNaN();
  });
});

describe("the ratio of medians", () => {
  const random = seededRandom(1);
  const sample = (center: number) => Array.from({ length: 40 }, () => center + (random() - 0.5) * 20);

  it("holds the true ratio in its interval", () => {
    const { ratio, low, high } = ratioOfMedians(sample(120), sample(100), seededRandom(2));
    expect(ratio).toBeGreaterThan(1.1);
    expect(ratio).toBeLessThan(1.3);
    expect(low).toBeLessThan(1.2);
    expect(high).toBeGreaterThan(1.2);
    expect(high - low).toBeLessThan(0.2);
  });

  it("has no width where nothing varies", () => {
    expect(ratioOfMedians([2, 2, 2], [1, 1], seededRandom(3))).toEqual({ ratio: 2, low: 2, high: 2 });
  });

  it("repeats with its seed", () => {
    const [a, b] = [sample(100), sample(90)];
    expect(ratioOfMedians(a, b, seededRandom(4))).toEqual(ratioOfMedians(a, b, seededRandom(4)));
  });

  it("is about 95 % sure: the interval misses the true ratio in few of many trials", () => {
    let misses = 0;
    for (let trial = 0; trial < 40; trial++) {
      const { low, high } = ratioOfMedians(sample(100), sample(100), seededRandom(100 + trial));
      if (low > 1 || high < 1) misses++;
    }
    expect(misses).toBeLessThanOrEqual(6);
  });
});
