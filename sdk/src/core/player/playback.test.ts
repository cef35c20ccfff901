import { segmentKeyOf } from "@tributary/protocol";
import { expect, it } from "vitest";
import type { SegmentInfo } from "../model.ts";
import { createPlayback, deadlineOf, gave } from "./playback.ts";

const segment = (sequence: number): SegmentInfo => {
  const id = { track: 1, sequence, part: -1, fingerprint: sequence };
  const source = { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null };
  return { id, key: segmentKeyOf(id), startMs: 4000 * sequence, durationMs: 4000, source, root: null };
};

const marginMs = createPlayback().appendMarginMs;

it("the second segment was fetched by everybody because the player had not said yet that it had the first", () => {
  const playback = createPlayback();
  gave(playback, segment(0), 1000);
  expect(deadlineOf(playback, segment(1), 1010)).toBe(5000 - marginMs);
  gave(playback, segment(1), 1200);
  expect(deadlineOf(playback, segment(2), 1210)).toBe(9000 - marginMs);
});

it("counts from where a live stream will begin, which is not where its segment does", () => {
  const playback = createPlayback();
  Object.assign(playback, { positionMs: 11_500, bufferedEndMs: 11_500 });
  gave(playback, segment(2), 1000);
  expect(deadlineOf(playback, segment(3), 1010)).toBe(1500 - marginMs);
});

it("a player that has run dry, or looks elsewhere, wants its segment now", () => {
  const playback = createPlayback();
  expect(deadlineOf(playback, segment(0), 0)).toBe(0);
  gave(playback, segment(0), 1000);
  Object.assign(playback, { positionMs: 4000, bufferedEndMs: 4000, reportedAtMs: 5000 });
  expect(deadlineOf(playback, segment(1), 5000)).toBe(5000);
  Object.assign(playback, { positionMs: 20_000, bufferedEndMs: 20_000, reportedAtMs: 5000 });
  expect(deadlineOf(playback, segment(5), 5000)).toBe(5000);
});
