import { describe, expect, it } from "vitest";
import type { SegmentMark } from "../protocol.ts";
import { describeStrip, peerShare, STRIP_LENGTH, withMark } from "./segment-strip.ts";

const mark = (sequence: number, peerBytes: number, cdnBytes: number, track = 1): SegmentMark => ({
  track,
  sequence,
  peerBytes,
  cdnBytes,
});

describe("segment strip", () => {
  it("drops the oldest block when it is full", () => {
    let strip: readonly SegmentMark[] = [];
    for (let sequence = 0; sequence < STRIP_LENGTH + 3; sequence++)
      strip = withMark(strip, mark(sequence, 1, 0));
    expect(strip.length).toBe(STRIP_LENGTH);
    expect(strip[0]?.sequence).toBe(3);
  });

  it("lets the parts of one segment share a block but not two tracks", () => {
    const strip = [mark(7, 10, 0), mark(7, 0, 30), mark(7, 5, 5, 2)].reduce(withMark, []);
    expect(strip).toEqual([mark(7, 10, 30), mark(7, 5, 5, 2)]);
    expect(strip.map(peerShare)).toEqual([0.25, 0.5]);
  });

  it("says in words what the colours say", () => {
    expect(describeStrip([])).toBe("No segments yet");
    expect(describeStrip([mark(1, 1, 0), mark(2, 0, 1)])).toBe(
      "Last 2 segments: 1 from peers, 1 from the CDN",
    );
    expect(describeStrip([mark(1, 1, 1), mark(2, 0, 0)])).toBe(
      "Last 2 segments: 0 from peers, 1 from the CDN, 1 from both",
    );
  });
});
