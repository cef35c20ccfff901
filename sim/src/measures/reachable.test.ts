import { expect, test } from "vitest";
import { reachable, type Node } from "./reachable.ts";

const bitrateBps = 1000;
const ring = (upBps: number, count: number): Map<number, Node> =>
  new Map(
    Array.from({ length: count }, (_, index) => {
      const partners = [(index + 1) % count, (index + count - 1) % count];
      return [index, { upBps, partners }] as const;
    }),
  );

test("uplinks that carry half of what is watched reach half of it", () => {
  expect(reachable(ring(500, 6), bitrateBps)).toBeCloseTo(0.5, 3);
});

test("no viewer takes more than it watches, however much its partners have", () => {
  expect(reachable(ring(5000, 6), bitrateBps)).toBeCloseTo(1, 3);
});

test("an uplink reaches only those it is connected to", () => {
  const star = new Map<number, Node>([
    [0, { upBps: 10_000, partners: [1, 2] }],
    [1, { upBps: 0, partners: [0] }],
    [2, { upBps: 0, partners: [0] }],
    [3, { upBps: 0, partners: [] }],
  ]);
  expect(reachable(star, bitrateBps)).toBeCloseTo(0.5, 3);
});

test("an uplink that one viewer fills is not counted for another", () => {
  const line = new Map<number, Node>([
    [0, { upBps: 1500, partners: [1, 2] }],
    [1, { upBps: 400, partners: [0] }],
    [2, { upBps: 0, partners: [0] }],
  ]);
  // 1 gives its 400 to 0; 0 has 1,500 for the 2,000 that 1 and 2 watch.
  expect(reachable(line, bitrateBps)).toBeCloseTo(1900 / 3000, 3);
});
