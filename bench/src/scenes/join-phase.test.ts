import { expect, it } from "vitest";
import { joinPhase } from "./join-phase.ts";

it("waits for the next join phase of a live stream", () => {
  expect(joinPhase(1000, 4000, 1000)).toBe(250);
  expect(joinPhase(1000, 4000, 1250)).toBe(0);
  expect(joinPhase(1000, 4000, 1251)).toBe(3999);
  expect(joinPhase(1000, 4000, 1000 + 7 * 4000 + 3000)).toBe(1250);
});
