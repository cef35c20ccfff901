import { expect, it } from "vitest";
import { createLateness } from "./lateness.ts";

it("remembers the longest of the last five seconds, and what came after it once that is forgotten", () => {
  const lateness = createLateness();
  expect(lateness.worstMs(0)).toBe(0);
  const turn = (dueAtMs: number, nowMs: number) => {
    lateness.asleep(dueAtMs, dueAtMs - 10);
    lateness.woken(nowMs);
  };
  turn(1000, 1200);
  turn(2000, 2050);
  turn(3000, 3080);
  expect(lateness.worstMs(3100)).toBe(200);
  expect(lateness.worstMs(6300)).toBe(80);
  expect(lateness.worstMs(9000)).toBe(0);
});

it("takes no turn for late that came early, that nobody had set a time for, or that had been due when it was asked for", () => {
  const lateness = createLateness();
  lateness.woken(500);
  lateness.asleep(1000, 600);
  lateness.woken(900);
  lateness.asleep(null, 900);
  lateness.woken(5000);
  lateness.asleep(Number.NEGATIVE_INFINITY, 5000);
  lateness.woken(6000);
  expect(lateness.worstMs(6000)).toBe(0);
});
