import { expect, it } from "vitest";
import { meanInterval } from "./mean-interval.ts";

it.each([
  // t for 4, 9 and 19 degrees of freedom, as tables have it.
  [5, 2.776],
  [10, 2.262],
  [20, 2.093],
])("of %i values is as wide as Student's t says", (count, t) => {
  const values = Array.from({ length: count }, (_, at) => at);
  const deviation = Math.sqrt((count * (count + 1)) / 12);
  const { mean, halfWidth } = meanInterval(values);
  expect(mean).toBe((count - 1) / 2);
  expect(Math.abs((halfWidth * Math.sqrt(count)) / deviation - t)).toBeLessThan(0.01);
});

it("of equal values has no width, and of too few is refused", () => {
  expect(meanInterval([3, 3, 3, 3, 3])).toEqual({ mean: 3, halfWidth: 0 });
  expect(() => meanInterval([1, 2, 3, 4])).toThrow(RangeError);
});
