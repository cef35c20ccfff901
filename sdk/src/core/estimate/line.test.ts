import { expect, it } from "vitest";
import { createLine } from "./line.ts";

/** So many bytes a second from then on, in pieces of a tenth of a second. */
function feed(line: ReturnType<typeof createLine>, rateBps: number, fromMs: number, forMs: number): void {
  for (let ms = 100; ms <= forMs; ms += 100) line.brought(rateBps / 80, fromMs + ms);
}

it("is seen to carry more by what comes beside what is watched, and by nothing less", () => {
  const line = createLine();
  line.watched(500_000);
  feed(line, 900_000, 0, 5000);
  expect(line.seenAtMs()).toBe(-Infinity);
  feed(line, 4_000_000, 5000, 1000);
  expect(line.seenAtMs()).toBeGreaterThan(5500);
  const before = line.seenAtMs();
  feed(line, 900_000, 6000, 3000);
  expect(line.seenAtMs()).toBe(before);
});

it("forgets within seconds at what rate media came", () => {
  const line = createLine();
  line.watched(500_000);
  feed(line, 2_000_000, 0, 5000);
  expect(line.rateBps(5000)).toBeGreaterThan(1_800_000);
  expect(line.rateBps(5000)).toBeLessThan(2_300_000);
  expect(line.rateBps(8000)).toBeLessThan(120_000);
});

it("is slow below three times what is watched, until it is seen to carry that again or some time has passed", () => {
  const line = createLine();
  expect(line.roomIn(1_000_000)).toBe(Infinity);
  line.watched(500_000);
  expect(line.roomIn(1_000_000)).toBe(2);
  expect(line.slowUntilMs()).toBe(-Infinity);
  line.carries(1_400_000, 1000);
  expect(line.isSlow(1000)).toBe(true);
  line.carries(1_600_000, 2000);
  expect(line.isSlow(2000)).toBe(false);
  line.carries(100_000, 3000);
  expect(line.isSlow(line.slowUntilMs() - 1)).toBe(true);
  expect(line.isSlow(line.slowUntilMs())).toBe(false);
});
