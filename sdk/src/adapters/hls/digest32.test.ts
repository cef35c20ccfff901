import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { digest32 } from "./digest32.ts";

test("an id is the first four bytes, big-endian, of the UTF-8 text's digest", () => {
  for (const text of ["", "v1/index.m3u8", "vidéo/ségment.ts@0+100"]) {
    expect(digest32(text)).toBe(createHash("sha256").update(text).digest().readUInt32BE(0));
  }
});
