import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHex, encodeHex } from "./hex.ts";
import { seed } from "./testing/seed.ts";

test("round trips, and agrees with Node", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 4_090, maxLength: 9_000 })),
      (bytes) => {
        const text = encodeHex(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("hex"));
        expect(decodeHex(text)).toEqual(bytes);
      },
    ),
    { seed },
  );
});

test.each(["a", "AB", "0x", "g0", " 0", "00\n", "0 0", "é0"])("refuses %j", (text) => {
  expect(decodeHex(text)).toBeNull();
});
