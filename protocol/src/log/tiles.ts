import { HASH_BYTES, type Hashing } from "./hashing.ts";
import { treeHash, type TreeNode } from "./tree.ts";
import type { Decoded } from "../codec/decode.ts";

/** Hashes in a full tile, entries in a full bundle (c2sp.org/tlog-tiles). */
export const TILE_WIDTH = 256;
const LEVELS_PER_TILE = 8;

export interface Tile {
  /** Tile level: each is eight levels of the tree. */
  readonly level: number;
  readonly index: number;
  /** Hashes in it, 1 to TILE_WIDTH. */
  readonly width: number;
}

/** 1234067 -> "x001/x234/067" */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
}

const partialSuffix = (width: number) => (width === TILE_WIDTH ? "" : `.p/${width}`);

/** "tile/0/x001/234.p/5" */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${partialSuffix(width)}`;
}

/** "tile/entries/000.p/5" */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${partialSuffix(width)}`;
}

/** The tiles of a tree, or those in which it differs from the tree that it was at `oldSize` entries. */
export function tilesOfTree(size: number, oldSize = 0): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, count = size, old = oldSize; count > 0; level++) {
    if (old < count)
      for (let index = Math.floor(old / TILE_WIDTH); index * TILE_WIDTH < count; index++)
        tiles.push({ level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) });
    count = Math.floor(count / TILE_WIDTH);
    old = Math.floor(old / TILE_WIDTH);
  }
  return tiles;
}

/** The tree nodes whose hashes a tile holds, in order. */
export function nodesOfTile({ level, index, width }: Tile): TreeNode[] {
  return Array.from({ length: width }, (_, at) => ({
    level: level * LEVELS_PER_TILE,
    index: index * TILE_WIDTH + at,
  }));
}

/** The tile, in a tree of `size` entries, from which a node can be computed. */
export function tileOfNode(node: TreeNode, size: number): Tile {
  const level = Math.floor(node.level / LEVELS_PER_TILE);
  const first = node.index * 2 ** (node.level % LEVELS_PER_TILE);
  const index = Math.floor(first / TILE_WIDTH);
  const count = Math.floor(size / TILE_WIDTH ** level);
  return { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
}

/** The hash of a node from the bytes of its tile. Null where they are not long enough to hold it. */
export function* nodeFromTile(node: TreeNode, tile: Uint8Array): Hashing<Uint8Array | null> {
  const count = 2 ** (node.level % LEVELS_PER_TILE);
  const first = (node.index * count) % TILE_WIDTH;
  if (tile.length < (first + count) * HASH_BYTES) return null;
  const hashes = Array.from({ length: count }, (_, at) =>
    tile.subarray((first + at) * HASH_BYTES, (first + at + 1) * HASH_BYTES),
  );
  return yield* treeHash(hashes);
}

/** Entries one after the other, each after its length as a big-endian u16. @throws RangeError above 65,535 bytes */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > 0xffff)
      throw new RangeError(`entry: expected at most 65535 bytes, got ${entry.length}`);
    bytes.set([entry.length >> 8, entry.length & 0xff], at);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

export function decodeEntries(bytes: Uint8Array): Decoded<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + 2;
    const end = start + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
    if (end > bytes.length || start > bytes.length) return { ok: false, reason: "truncated entry" };
    entries.push(bytes.slice(start, end));
    at = end;
  }
  return { ok: true, value: entries };
}
