import { expect, it } from "vitest";
import { peerKeyOf, segmentKeyOf } from "@tributary/protocol";
import { createCore, defaultCoreConfig, type Input, type Output } from "../index.ts";
import type { SegmentInfo } from "../model.ts";

function listed(sequence: number, part: number): SegmentInfo {
  const id = { track: 7, sequence, part, fingerprint: 100 * sequence + part };
  return {
    id,
    key: segmentKeyOf(id),
    startMs: sequence * 4000 + Math.max(0, part) * 1000,
    durationMs: part < 0 ? 4000 : 1000,
    source: {
      url: `https://cdn.test/${sequence}.${part}.mp4`,
      rangeStartBytes: null,
      rangeLengthBytes: null,
    },
    root: null,
  };
}

/** What a viewer asks the verifier for that plays the given part, or segment, and has a neighbour. */
function askedBy(playing: SegmentInfo, segments: readonly SegmentInfo[]): string[] {
  const core = createCore(defaultCoreConfig);
  const out: Output[] = [];
  const inputs: Input[] = [
    { type: "tracker-ready", p2pAllowed: true, verifier: true },
    {
      type: "playlist-updated",
      view: { track: 7, kind: "main", live: true, targetDurationMs: 4000, partTargetMs: 1000, segments },
    },
    {
      type: "segment-wanted",
      request: 1,
      segment: playing,
      kind: "main",
      timeouts: { firstByteMs: 10_000, loadMs: 120_000 },
      shareable: true,
    },
    { type: "http-started", fetch: 1, expectedBytes: 50_000, rangeIgnored: false },
    { type: "http-done", fetch: 1, receivedBytes: 50_000 },
    { type: "peer-connected", peer: peerKeyOf(new Uint8Array(16).fill(1)), ticket: 1 },
  ];
  for (const input of inputs) core.handle(input, 0, out);
  return out
    .filter((output) => output.type === "ask-roots")
    .flatMap((output) => output.segments.map(({ id }) => `${id.sequence}.${id.part}`));
}

it("asks for the roots of parts, and not of the segments that they make up", () => {
  const segments = [listed(4, -1)];
  for (const part of [0, 1, 2, 3]) segments.push(listed(5, part));
  segments.push(listed(5, -1), listed(6, 0));
  expect(askedBy(segments[2]!, segments)).toEqual(["5.0", "5.1", "5.2", "5.3", "6.0"]);
});

it("asks for the roots of segments where the player takes them whole", () => {
  const segments = [listed(4, -1), listed(5, -1), listed(6, -1)];
  expect(askedBy(segments[0]!, segments)).toEqual(["5.-1", "6.-1", "4.-1"]);
});
