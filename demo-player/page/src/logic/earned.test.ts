import { expect, it } from "vitest";
import { describeEarned, type Earning } from "./earned.ts";

const terms = { epochMs: 30_000, graceMs: 60_000 };
const row = (state: Earning["state"], paidMicro: number, bytes = 1_000_000): Earning => ({
  epoch: 1,
  bytes: String(bytes),
  paidMicro: String(paidMicro),
  state,
});
const say = (earnings: readonly Earning[], nowMs = 95_000) => describeEarned(earnings, terms, 40_000, nowMs);

it("says when the first epoch is settled", () => {
  expect(say([], 50_000)).toEqual({
    amount: "$0",
    words:
      "earned by the viewers so far. An epoch of 30\u00a0s is settled 60\u00a0s after its close: " +
      "the first one in about 70\u00a0s.",
  });
  expect(say([], 130_000).words).toMatch(/in a moment\.$/);
});

it("adds up what is pending and posted, and leaves out what was lost", () => {
  expect(say([row("pending", 40), row("posted", 2), row("voided", 9), row(null, 0)])).toEqual({
    amount: "$0.000042",
    words: "of play money earned by serving 2.0\u00a0MB, $0.000040 still pending.",
  });
  expect(say([row("pending", 40)]).words).toMatch(/, still pending\.$/);
  expect(say([row("posted", 2_500_000)])).toEqual({
    amount: "$2.50",
    words: "of play money earned by serving 1.0\u00a0MB, all of it final.",
  });
});
