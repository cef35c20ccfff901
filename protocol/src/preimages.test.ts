import { expect, test } from "vitest";
import { helloPreimage, linkPreimage } from "./preimages.ts";
import { rootsPreimage, type SegmentRoot } from "./tracker/hashes.ts";

const of = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const same = (bytes: Uint8Array, ...parts: (string | Uint8Array)[]) =>
  expect(Buffer.compare(bytes, Buffer.concat(parts.map((part) => Buffer.from(part as string))))).toBe(0);

test("a HELLO to the tracker", () => {
  same(helloPreimage(of(1), of(2), of(3), of(4)), "tributary/hello/v1\0", of(1), of(2), of(3), of(4));
  expect(() => helloPreimage(of(1), of(2, 31), of(3), of(4))).toThrow(/^trackerId: /);
});

test("a HELLO to a peer: swapped roles give other bytes", () => {
  same(linkPreimage(of(1), of(2)), "tributary/link/v1\0", of(1), of(2));
  expect(linkPreimage(of(1), of(2))).not.toEqual(linkPreimage(of(2), of(1)));
  expect(() => linkPreimage(of(1), of(2, 33))).toThrow(/^otherFingerprint: /);
});

test("roots: 92 bytes each, the name of what was fetched among them", () => {
  const root: SegmentRoot = {
    segment: { track: 1, sequence: 2 ** 40, part: 4, fingerprint: 3 },
    name: of(8),
    sizeBytes: 256,
    root: of(9),
  };
  const id = Buffer.from("00000001" + "0000010000000000" + "00000005" + "00000003", "hex");
  const fields = Buffer.concat([id, of(8), Buffer.from("0000000000000100", "hex")]);
  same(rootsPreimage(of(7), [root, root]), "tributary/roots/v1\0", of(7), fields, of(9), fields, of(9));
  expect(() => rootsPreimage(of(7, 16), [root])).toThrow(/^swarm: /);
  expect(() => rootsPreimage(of(7), [{ ...root, sizeBytes: -1 }])).toThrow(/^roots\.sizeBytes: /);
});
