import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDiscontinuity, isServed, type LiveClock, startClock, windowAt } from "./live-window.ts";

const clock: LiveClock = startClock(100_000, { segmentMs: 4000, roundCount: 15, windowCount: 6 });
const START_MS = 100_000;

describe("the live window", () => {
  it("is full at once", () => {
    expect(windowAt(clock, START_MS)).toEqual({
      firstSequence: 0,
      lastSequence: 5,
      discontinuitySequence: 0,
    });
  });

  it("moves on by one segment when the next is complete, not before", () => {
    expect(windowAt(clock, START_MS + 3999).lastSequence).toBe(5);
    expect(windowAt(clock, START_MS + 4000)).toEqual({
      firstSequence: 1,
      lastSequence: 6,
      discontinuitySequence: 0,
    });
  });

  it("counts a discontinuity only once its tag has left the playlist", () => {
    const atFirst = (sequence: number): number =>
      windowAt(clock, START_MS + sequence * 4000).discontinuitySequence;
    expect([14, 15, 16, 30, 31].map(atFirst)).toEqual([0, 0, 1, 1, 2]);
    expect([0, 14, 15, 16, 30].map((sequence) => isDiscontinuity(clock, sequence))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it("gives every segment one discontinuity number for as long as it is listed", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(5), (sequence, stepsLater) => {
        const numberAt = (nowMs: number): number => {
          const { firstSequence, discontinuitySequence } = windowAt(clock, nowMs);
          let number = discontinuitySequence;
          for (let n = firstSequence; n <= sequence; n += 1) if (isDiscontinuity(clock, n)) number += 1;
          return number;
        };
        const completeMs = clock.startMs + (sequence + 1) * clock.segmentMs;
        expect(numberAt(completeMs + stepsLater * clock.segmentMs)).toBe(Math.floor(sequence / 15));
      }),
    );
  });

  it("serves complete segments for a while after they left, and no others", () => {
    const nowMs = START_MS + 100 * 4000;
    expect(windowAt(clock, nowMs).lastSequence).toBe(105);
    expect([105, 100, 88].every((sequence) => isServed(clock, sequence, nowMs))).toBe(true);
    expect([106, 87].some((sequence) => isServed(clock, sequence, nowMs))).toBe(false);
  });
});
