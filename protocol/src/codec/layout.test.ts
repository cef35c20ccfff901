import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bool,
  bytes,
  choice,
  decodeWith,
  encodeWith,
  f64,
  fixed,
  type Layout,
  list,
  record,
  refined,
  text,
  u32,
  u64,
  uint,
  varint,
  view,
} from "./layout.ts";
import { segmentSet } from "./segment-set.ts";
import { seed } from "../testing/seed.ts";

const encode = <T>(layout: Layout<T>, value: T) => [...encodeWith(layout, value, "value", 1_000)];
const decode = <T>(layout: Layout<T>, input: number[]) => decodeWith(layout, new Uint8Array(input), 1_000);
const reasonOf = <T>(layout: Layout<T>, input: number[]) => {
  const decoded = decode(layout, input);
  return decoded.ok ? null : decoded.reason;
};

describe("varint", () => {
  test.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [255, [0xff, 0x01]],
    [256, [0x80, 0x02]],
    [65_535, [0xff, 0xff, 0x03]],
    [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
    [2 ** 53 - 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("%d", (value, expected) => {
    expect(encode(varint(), value)).toEqual(expected);
    expect(decode(varint(), expected)).toEqual({ ok: true, value });
  });

  test("every integer up to 2^53 - 1 has one encoding", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 53 }), (large, shift) => {
        const value = Math.floor(large / 2 ** shift);
        const encoded = encode(varint(), value);
        expect(decode(varint(), encoded)).toEqual({ ok: true, value });
        encoded[encoded.length - 1]! |= 0x80;
        expect(decode(varint(), [...encoded, 0]).ok).toBe(false);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  test.each([
    ["2^53", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], "above 9007199254740991"],
    ["2^56 - 1", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], "above 9007199254740991"],
    ["nine bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "varint is too long"],
    ["a zero in two bytes", [0x80, 0x00], "varint is not in its shortest form"],
    ["a cut end", [0x80], "truncated"],
    ["nothing", [], "truncated"],
  ])("refuses %s", (_, input, reason) => {
    expect(reasonOf(varint(), input)).toBe(reason);
  });

  test("a range that begins below zero", () => {
    const layout = varint(10, -1);
    expect(encode(layout, -1)).toEqual([0]);
    expect(encode(layout, 10)).toEqual([11]);
    expect(decode(layout, [0])).toEqual({ ok: true, value: -1 });
    expect(reasonOf(layout, [12])).toBe("above 11");
  });
});

describe("what is beyond its bounds", () => {
  const segments = [1, 1, 2, 2].map((track, sequence) => ({ track, sequence, part: -1, fingerprint: 0 }));
  /** The first layout writes what the second must refuse, in both directions. */
  const pairs: [string, Layout<unknown>, Layout<unknown>, unknown][] = [
    ["varint", varint(), varint(300), 301],
    ["uint", u32, uint(4, 300), 301],
    ["u64", uint(8, 2 ** 60), u64, 2 ** 53],
    ["choice", choice("a", "b", "c"), choice("a", "b"), "c"],
    ["fixed", fixed(3), fixed(4), new Uint8Array(3)],
    ["view", view(10), view(9), new Uint8Array(10)],
    ["bytes", bytes(10), bytes(9), new Uint8Array(10)],
    ["text", text(10), text(9), "ééééé"],
    ["list", list(u32, 3), list(u32, 2), [1, 2, 3]],
    ["a segment set of several tracks", segmentSet(4), segmentSet(3), segments],
    ["refined", u32, refined(u32, (value) => value % 2 === 0, "an even number"), 3],
    [
      "a field",
      record({ a: record({ b: varint(9) }) }),
      record({ a: record({ b: varint(8) }) }),
      { a: { b: 9 } },
    ],
  ];
  test.each(pairs)("%s", (_, wide, narrow, value) => {
    expect(() => encode(narrow, value)).toThrow(RangeError);
    expect(decode(narrow, encode(wide, value)).ok).toBe(false);
  });

  test.each([NaN, Infinity, -Infinity, -1, 0.5, 2 ** 53, undefined as unknown as number])("%d", (value) => {
    for (const layout of [varint(), u32, u64])
      expect(() => encode(layout, value)).toThrow(/^value: expected an integer/);
  });

  test.each([NaN, Infinity, -Infinity])("the double %d", (value) => {
    expect(() => encode(f64, value)).toThrow(/^value: expected a finite number/);
    const raw = new Uint8Array(8);
    new DataView(raw.buffer).setFloat64(0, value);
    expect(reasonOf(f64, [...raw])).toBe("not a finite number");
  });
});

describe("every cut of an encoding is refused", () => {
  const layout = record({ a: u64, b: text(20), c: list(bytes(9), 3), d: f64, e: bool, f: fixed(2) });
  const value = {
    a: 2 ** 40,
    b: "aé😀",
    c: [new Uint8Array([1, 2]), new Uint8Array(0)],
    d: -0.5,
    e: true,
    f: new Uint8Array([3, 4]),
  };
  const encoded = encode(layout, value);

  test("whole, it decodes", () => {
    expect(decode(layout, encoded)).toEqual({ ok: true, value });
  });

  test("cut anywhere, or with a byte more, it does not", () => {
    for (let length = 0; length < encoded.length; length++)
      expect(reasonOf(layout, encoded.slice(0, length))).toMatch(/^[a-f]: truncated$/);
    expect(reasonOf(layout, [...encoded, 0])).toBe("trailing bytes");
  });
});

test.each([new Uint8Array([2, 8, 9]), Buffer.from([2, 8, 9])])(
  "a view shares memory with the input, everything else is a copy",
  (input) => {
    const decoded = [view(9), bytes(9), fixed(3)].map((layout) => decodeWith(layout, input, 9));
    input[1] = 7;
    expect(decoded).toEqual([
      { ok: true, value: input.subarray(1) },
      { ok: true, value: new Uint8Array([8, 9]) },
      { ok: true, value: new Uint8Array([2, 8, 9]) },
    ]);
  },
);
