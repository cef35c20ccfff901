import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digest32, sha256 } from "./sha256.ts";

const reference = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("agrees with node:crypto at every length around a block boundary", () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length) & 0xff);
    expect(hex(sha256(bytes))).toBe(reference(bytes));
  }
});

test("agrees with node:crypto on arbitrary bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
      expect(hex(sha256(bytes))).toBe(reference(bytes));
    }),
    { seed: 20_260_101 },
  );
});

test("an id is the first four bytes, big-endian, of the UTF-8 text's digest", () => {
  for (const text of ["", "v1/index.m3u8", "vidéo/ségment.ts@0+100"]) {
    expect(digest32(text)).toBe(createHash("sha256").update(text).digest().readUInt32BE(0));
  }
});
