import { expect, it } from "vitest";
import { timelineOf } from "./timeline.ts";

const delivery = (segment: string, atMs: number) => ({ segment, sizeBytes: 100, atMs });

it("follows the origin's log and the deliveries on one clock", () => {
  const viewers = [
    [delivery("a", 1100), delivery("b", 2500), delivery("a", 2600)],
    [delivery("a", 2000), delivery("b", 3000)],
  ];
  const samples = [
    { atMs: 1000, mediaBytes: 50 },
    { atMs: 2000, mediaBytes: 150 },
    { atMs: 3000, mediaBytes: 200 },
  ];
  expect(timelineOf(samples, viewers, 1000)).toEqual([
    { seconds: 0, originBytes: 50, neededBytes: 0, offloadRatio: 0 },
    { seconds: 1, originBytes: 150, neededBytes: 200, offloadRatio: 0.25 },
    { seconds: 2, originBytes: 200, neededBytes: 400, offloadRatio: 0.5 },
  ]);
});
