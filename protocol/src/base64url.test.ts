import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { seed } from "./testing/seed.ts";

test("round trips, and agrees with Node", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = encodeBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(decodeBase64Url(text)).toEqual(bytes);
    }),
    { seed, numRuns: 500 },
  );
});

test("what decodes is what the encoder writes", () => {
  const unit = fc.constantFrom(..."ABQgwaz019-_+/= ");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 9 }), (text) => {
      const bytes = decodeBase64Url(text);
      if (bytes !== null) expect(encodeBase64Url(bytes)).toBe(text);
    }),
    { seed, numRuns: 2_000 },
  );
});

test.each(["A", "AAAAA", "AA==", "AB", "AAB", "A+AA", "A/AA", "AA\n", " AAA", "ÀAAA", "😀AA"])(
  "refuses %j",
  (text) => {
    expect(decodeBase64Url(text)).toBeNull();
  },
);
