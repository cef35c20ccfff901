import fc from "fast-check";
import { expect, test } from "vitest";
import { type PeerKey, peerIdOf, peerKeyOf, type SegmentKey, segmentIdOf, segmentKeyOf } from "./ids.ts";
import { segmentId } from "./testing/arbitraries.ts";
import { seed } from "./testing/seed.ts";

test("segment keys round-trip", () => {
  fc.assert(
    fc.property(segmentId, (id) => {
      expect(segmentIdOf(segmentKeyOf(id))).toEqual(id);
    }),
    { seed, numRuns: 1_000 },
  );
});

test("ids that differ in one part have different keys, whichever was written before", () => {
  const id = { track: 1, sequence: 5, part: -1, fingerprint: 9 };
  const others = [
    { ...id, track: 2 },
    { ...id, sequence: 69 },
    { ...id, part: 63 },
    { ...id, fingerprint: 8 },
  ];
  for (const other of others)
    for (const one of [id, other, id]) expect(segmentIdOf(segmentKeyOf(one))).toEqual(one);
});

test("a segment key reads as its parts", () => {
  expect(segmentKeyOf({ track: 0xa1b2, sequence: 1_234, part: -1, fingerprint: 0xffff_ffff })).toBe(
    "0000a1b2.1234.-1.ffffffff",
  );
});

test.each([
  "",
  "0000a1b2.1.-1",
  "a1b2.1.-1.ffffffff",
  "0000A1B2.1.-1.ffffffff",
  "0000a1b2.01.-1.ffffffff",
  "0000a1b2.-1.-1.ffffffff",
  "0000a1b2.1.-2.ffffffff",
  "0000a1b2.1.-0.ffffffff",
  "0000a1b2.1.65536.ffffffff",
  "0000a1b2.9007199254740992.-1.ffffffff",
  "0000a1b2.1e3.-1.ffffffff",
  "0000a1b2.1.-1.ffffffff.0",
  "0000a1b2.1.-1.ffffffff\n",
])("%j is no segment key", (key) => {
  expect(segmentIdOf(key as SegmentKey)).toBeNull();
});

test("peer keys round-trip", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (id) => {
      expect(peerIdOf(peerKeyOf(id))).toEqual(id);
    }),
    { seed },
  );
});

test("what is no peer id throws", () => {
  expect(() => peerKeyOf(new Uint8Array(15))).toThrow(RangeError);
  expect(() => peerIdOf("00" as PeerKey)).toThrow(RangeError);
  expect(() => peerIdOf("G".repeat(32) as PeerKey)).toThrow(RangeError);
});
