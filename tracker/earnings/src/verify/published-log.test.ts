import { createHash } from "node:crypto";
import {
  concatenated,
  encodeEntries,
  entriesPath,
  leafHash,
  nodeHash,
  nodesOfTile,
} from "@tributary/protocol/log";
import {
  runHashing,
  tilePath,
  tilesOfTree,
  TILE_WIDTH,
  treeHash,
  type TreeNode,
} from "@tributary/protocol/log";
import { expect, test } from "vitest";
import { openPublishedLog, type ReadFile } from "./published-log.ts";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const entryAt = (index: number) => new Uint8Array(Buffer.from(`entry ${index}`));
const leafAt = (index: number) => runHashing(leafHash(entryAt(index)), sha256);
const headOf = (size: number) => ({
  origin: "log",
  size,
  root: runHashing(treeHash(Array.from({ length: size }, (_, index) => leafAt(index))), sha256),
});

const nodes = new Map<string, Uint8Array>();
function hashOf({ level, index }: TreeNode): Uint8Array {
  if (level === 0) return leafAt(index);
  const name = `${level}/${index}`;
  const children = [0, 1].map((side) => () => hashOf({ level: level - 1, index: 2 * index + side }));
  const hash = nodes.get(name) ?? runHashing(nodeHash(children[0]!(), children[1]!()), sha256);
  nodes.set(name, hash);
  return hash;
}

/** The files of a log of this size, and nothing else. */
function filesOf(size: number): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const tile of tilesOfTree(size)) {
    files.set(tilePath(tile), concatenated(...nodesOfTile(tile).map(hashOf)));
    if (tile.level > 0) continue;
    const entries = Array.from({ length: tile.width }, (_, at) => entryAt(tile.index * TILE_WIDTH + at));
    files.set(entriesPath(tile.index, tile.width), encodeEntries(entries));
  }
  return files;
}

const reader =
  (files: ReadonlyMap<string, Uint8Array>): ReadFile =>
  async (path) => {
    const file = files.get(path);
    if (file === undefined) throw new Error(`no ${path}`);
    return file;
  };

const SIZES = [1, 2, 5, 255, 256, 257, 700];

test.each(SIZES)("T15 every past of a log of %s is found in it and no other is", async (size) => {
  const log = openPublishedLog(headOf(size), reader(filesOf(size)));
  for (const before of SIZES.filter((other) => other <= size)) {
    expect(await log.continues(headOf(before))).toBe(true);
    const root = headOf(before).root.map((byte, at) => (at === 7 ? byte ^ 1 : byte));
    expect(await log.continues({ origin: "log", size: before, root })).toBe(false);
  }
  // It ends before what was seen.
  expect(await log.continues(headOf(size + 1))).toBe(false);
});

test.each(SIZES)("of a log of %s, its entries are proved from its files alone", async (size) => {
  const log = openPublishedLog(headOf(size), reader(filesOf(size)));
  for (const index of new Set([0, Math.floor(size / 2), size - 1]))
    expect(await log.provedEntry(index)).toEqual(entryAt(index));
  expect(await log.provedEntry(size)).toBeNull();
});

test("an entry or a tile that was changed proves nothing", async () => {
  const size = 257;
  for (const [path, file] of filesOf(size)) {
    const files = filesOf(size).set(
      path,
      file.map((byte, index) => (index === 5 ? byte ^ 1 : byte)),
    );
    const log = openPublishedLog(headOf(size), reader(files));
    const found = await Promise.all([0, 256].map((index) => log.provedEntry(index).catch(() => null)));
    const continues = await log.continues(headOf(200)).catch(() => false);
    expect([...found, continues], path).toSatisfy(
      (all: unknown[]) => all.includes(null) || all.includes(false),
    );
  }
});
