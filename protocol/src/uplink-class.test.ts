import { expect, test } from "vitest";
import { MAX_UPLINK_CLASS, uplinkBpsOf, uplinkClassOf } from "./uplink-class.ts";

test("a class says at least half of the uplink it stands for, and never more than all of it", () => {
  for (let uplinkBps = 125_000; uplinkBps < 32_000_000; uplinkBps *= 1.1) {
    const said = uplinkBpsOf(uplinkClassOf(uplinkBps));
    expect(said).toBeLessThanOrEqual(uplinkBps);
    expect(said).toBeGreaterThan(uplinkBps / 2.0001);
  }
});

test("the ends of the scale hold whatever is measured", () => {
  expect([0, 1, 124_999].map(uplinkClassOf)).toEqual([1, 1, 1]);
  expect([16_000_000, 1e9, Infinity].map(uplinkClassOf)).toEqual(new Array(3).fill(MAX_UPLINK_CLASS));
  expect(uplinkBpsOf(0)).toBe(0);
});
