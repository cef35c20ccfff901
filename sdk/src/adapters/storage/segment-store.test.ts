import { MAX_SEGMENT_BYTES, PIECE_BYTES, segmentKeyOf } from "@tributary/protocol";
import { expect, test } from "vitest";
import { createSegmentStore } from "./segment-store.ts";

const key = segmentKeyOf({ track: 1, sequence: 2, part: -1, fingerprint: 3 });
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

test("grows with bytes of unknown size and knows the end", () => {
  const store = createSegmentStore();
  for (let at = 0; at < 1_500_000; at += 100_000) store.writeTrusted(key, at, filled(100_000, at / 100_000));
  store.finish(key, 1_500_000);
  expect(store.whole(key)?.length).toBe(1_500_000);
  expect(store.slice(key, 1_400_000, 1)).toEqual(filled(1, 14));
  expect(store.slice(key, 1_499_999, 2)).toBeNull();
});

test("hands out a copy that can be given away", () => {
  const store = createSegmentStore();
  store.writeTrusted(key, 0, filled(10, 1));
  const copy = store.copyOf(key, 10)!;
  structuredClone(copy, { transfer: [copy] });
  expect(copy.byteLength).toBe(0);
  expect(store.whole(key)).toEqual(filled(10, 1));
  expect(store.copyOf(key, 11)).toBeNull();
});

test("a peer's bytes never replace the CDN's", () => {
  const store = createSegmentStore();
  store.writeTrusted(key, 10, filled(10, 1));
  store.writeUntrusted(key, 0, 40, filled(40, 9));
  expect([...store.slice(key, 0, 40)!]).toEqual([...filled(10, 9), ...filled(10, 1), ...filled(20, 9)]);
  store.writeTrusted(key, 0, filled(40, 1));
  expect(store.whole(key)).toEqual(filled(40, 1));
});

test("a piece that was given to the digest stands until it proves false", () => {
  const store = createSegmentStore();
  const size = PIECE_BYTES + 100;
  store.writeUntrusted(key, 0, size, filled(size, 1));
  expect(store.sealPiece(key, 1)).toEqual(filled(100, 1));
  store.writeUntrusted(key, PIECE_BYTES, size, filled(100, 2));
  expect(store.slice(key, PIECE_BYTES, 100)).toEqual(filled(100, 1));
  store.unsealPiece(key, 1);
  store.writeUntrusted(key, PIECE_BYTES, size, filled(100, 2));
  expect(store.slice(key, PIECE_BYTES, 100)).toEqual(filled(100, 2));
  expect(store.sealPiece(key, 2)).toBeNull();
});

test("what a liar put beyond the true end goes when the end is known", () => {
  const store = createSegmentStore();
  store.writeUntrusted(key, 0, 500, filled(500, 9));
  store.writeTrusted(key, 0, filled(300, 1));
  store.finish(key, 300);
  expect(store.whole(key)).toEqual(filled(300, 1));
});

test("claims of impossible sizes allocate nothing", () => {
  const store = createSegmentStore();
  store.writeUntrusted(key, 0, MAX_SEGMENT_BYTES + 1, filled(10, 1));
  store.expect(key, 2 ** 50);
  expect(store.heldBytes()).toBe(0);
  store.writeUntrusted(key, 95, 100, filled(10, 1));
  expect(store.slice(key, 95, 1)).toBeNull();
});

test("eviction frees the bytes and the list", () => {
  const store = createSegmentStore();
  store.writeTrusted(key, 0, filled(100, 1));
  store.keepHashes(key, 100, filled(32, 5));
  expect(store.hashesOf(key)).toEqual({ sizeBytes: 100, hashes: filled(32, 5) });
  store.evict(key);
  expect([store.hashesOf(key), store.whole(key), store.heldBytes()]).toEqual([null, null, 0]);
});

test("an empty resource is held too", () => {
  const store = createSegmentStore();
  store.finish(key, 0);
  expect(store.copyOf(key, 0)!.byteLength).toBe(0);
});
