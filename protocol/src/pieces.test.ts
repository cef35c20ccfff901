import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBase64Url } from "./base64url.ts";
import {
  CHUNK_BYTES,
  includesSet,
  MAX_PIECES,
  MAX_SEGMENT_BYTES,
  PIECE_BYTES,
  pieceCountOf,
  pieceSetOf,
  pieceSizeOf,
  rootPreimage,
} from "./pieces.ts";
import { seed } from "./testing/seed.ts";

test("the pieces of a segment add up to it", () => {
  expect(MAX_PIECES).toBe(1_024);
  expect(PIECE_BYTES % CHUNK_BYTES).toBe(0);
  fc.assert(
    fc.property(fc.nat({ max: MAX_SEGMENT_BYTES }), (sizeBytes) => {
      const sizes = Array.from({ length: pieceCountOf(sizeBytes) }, (_, piece) =>
        pieceSizeOf(sizeBytes, piece),
      );
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(sizeBytes);
      expect(sizes.slice(0, -1).every((size) => size === PIECE_BYTES)).toBe(true);
      expect(sizes.every((size) => size > 0)).toBe(true);
    }),
    { seed },
  );
});

test("sizes at the edges", () => {
  expect([0, 1, PIECE_BYTES, PIECE_BYTES + 1].map(pieceCountOf)).toEqual([0, 1, 1, 2]);
  expect(pieceSizeOf(PIECE_BYTES + 1, 1)).toBe(1);
  expect(pieceSizeOf(PIECE_BYTES + 1, 2)).toBe(0);
});

test("a root is the hash of prefix, size and list", () => {
  const segment = Buffer.alloc(PIECE_BYTES + 3, "tributary");
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  const hashes = Buffer.concat([
    sha256(segment.subarray(0, PIECE_BYTES)),
    sha256(segment.subarray(PIECE_BYTES)),
  ]);
  const size = Buffer.from("0000000000010003", "hex");
  const expected = Buffer.concat([Buffer.from("tributary/pieces/v1\0"), size, hashes]);
  const preimage = rootPreimage(segment.length, hashes);
  expect(Buffer.compare(preimage, expected)).toBe(0);
  expect(encodeBase64Url(sha256(preimage))).toHaveLength(43);
});

test("a list of another length throws", () => {
  expect(() => rootPreimage(PIECE_BYTES, new Uint8Array(64))).toThrow(/^hashes: /);
  expect(() => rootPreimage(MAX_SEGMENT_BYTES + 1, new Uint8Array(0))).toThrow(/^sizeBytes: /);
  expect(() => rootPreimage(0.5, new Uint8Array(32))).toThrow(/^sizeBytes: /);
});

test("a set includes another one if it has all of its pieces", () => {
  const set = (...pieces: number[]) => pieceSetOf(40, (piece) => pieces.includes(piece));
  expect(includesSet(set(1, 9, 30), set(1, 30))).toBe(true);
  expect(includesSet(set(1, 9), set(1, 9, 30))).toBe(false);
  expect(includesSet(set(1, 30), set(9))).toBe(false);
  expect(includesSet(set(), set())).toBe(true);
});
