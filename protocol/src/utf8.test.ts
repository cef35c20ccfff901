import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom, seed } from "./testing/seed.ts";
import { decodeUtf8, encodeUtf8, truncateUtf8 } from "./utf8.ts";

const anyText = fc.string({ unit: "binary", maxLength: 40 });

test("agrees with TextEncoder on every well-formed text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
      expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    }),
    { seed, numRuns: 1_000 },
  );
});

test("agrees with a fatal TextDecoder on 20,000 random inputs", () => {
  const random = createRandom(seed);
  // Lead and continuation bytes more often than chance has them.
  const pool = [
    0x25, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4,
    0xf5,
  ];
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let run = 0; run < 20_000; run++) {
    const bytes = Uint8Array.from({ length: random.below(6) }, () =>
      random.below(4) === 0 ? random.below(256) : pool[random.below(pool.length)]!,
    );
    let expected: string | null;
    try {
      expected = strict.decode(bytes);
    } catch {
      expected = null;
    }
    expect(decodeUtf8(bytes), `bytes ${[...bytes].join(" ")}`).toBe(expected);
  }
});

test("a lone surrogate is the caller's mistake", () => {
  expect(() => encodeUtf8("a\ud800")).toThrow(
    new RangeError("text: expected well-formed text, got a lone surrogate"),
  );
});

test("truncation cuts between characters, and fits", () => {
  expect(truncateUtf8("aé😀", 7)).toBe("aé😀");
  expect(truncateUtf8("aé😀", 6)).toBe("aé");
  expect(truncateUtf8("\ud800b", 4)).toBe("\ufffdb");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 20 }), (text, maxBytes) => {
      const kept = truncateUtf8(text, maxBytes);
      expect(encodeUtf8(kept).length).toBeLessThanOrEqual(maxBytes);
      expect(text.startsWith(kept)).toBe(true);
    }),
    { seed },
  );
});
