import { expect, it } from "vitest";
import { cutAtKeyFrames, fragmentsOf } from "./cut.ts";
import { loadRendition } from "./fixtures.ts";

it("cuts MPEG-TS into 2 s segments that begin with the program tables and lose no byte", () => {
  const whole = loadRendition("ts-360");
  const cut = cutAtKeyFrames(whole);
  expect(cut.segments).toHaveLength(30);
  expect(cut.segmentMs).toBe(2000);
  expect(Buffer.concat(cut.segments).equals(Buffer.concat(whole.segments))).toBe(true);
  const programTable = Buffer.from([0x47, 0x40, 0x00]);
  for (const segment of cut.segments)
    expect(Buffer.from(segment).indexOf(programTable)).toBeLessThanOrEqual(188);
});

it("cuts an fMP4 segment into four fragments that lose no byte", () => {
  for (const segment of loadRendition("fmp4-360").segments) {
    const parts = fragmentsOf(segment);
    expect(parts).toHaveLength(4);
    expect(Buffer.concat(parts).equals(segment)).toBe(true);
  }
});
