import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, it, test } from "vitest";
import { seed } from "../testing/seed.ts";
import { sha256 } from "../testing/sha256.ts";
import { runHashing } from "./hashing.ts";
import {
  decodeEntries,
  encodeEntries,
  entriesPath,
  nodeFromTile,
  nodesOfTile,
  tileOfNode,
  tilePath,
  tilesOfTree,
} from "./tiles.ts";
import { concatenated } from "./hashing.ts";
import { inclusionNodes, leafHash, treeHash } from "./tree.ts";

const { tiles: vectors } = JSON.parse(
  readFileSync(new URL("../../vectors/transparency-log.json", import.meta.url), "utf8"),
) as {
  tiles: {
    indexPaths: [number, string][];
    sizes: { size: number; levels: { full: number; partial: number }[] }[];
  };
};

test.each(vectors.indexPaths)("tile %d is at %s", (index, path) => {
  expect(tilePath({ level: 0, index, width: 256 })).toBe(`tile/0/${path}`);
  expect(tilePath({ level: 5, index, width: 2 })).toBe(`tile/5/${path}.p/2`);
  expect(entriesPath(index, 256)).toBe(`tile/entries/${path}`);
  expect(entriesPath(index, 255)).toBe(`tile/entries/${path}.p/255`);
});

test.each(vectors.sizes)("a tree of $size", ({ size, levels }) => {
  const tiles = tilesOfTree(size);
  const found = levels.map((_, level) => {
    const widths = tiles.filter((tile) => tile.level === level).map(({ width }) => width);
    return {
      full: widths.filter((width) => width === 256).length,
      partial: widths.find((width) => width < 256) ?? 0,
    };
  });
  expect(found).toEqual(levels);
  expect(Math.max(...tiles.map(({ level }) => level))).toBe(levels.length - 1);
});

it("names just the tiles that a longer tree adds", () => {
  expect(tilesOfTree(5, 5)).toEqual([]);
  expect(tilesOfTree(6, 5)).toEqual([{ level: 0, index: 0, width: 6 }]);
  expect(tilesOfTree(257, 255).map(tilePath)).toEqual(["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
  fc.assert(
    fc.property(fc.nat(70_000), fc.nat(70_000), (a, b) => {
      const [old, size] = a < b ? [a, b] : [b, a];
      const before = new Set(tilesOfTree(old).map(tilePath));
      const added = tilesOfTree(size, old).map(tilePath);
      expect(added).toEqual(
        tilesOfTree(size)
          .map(tilePath)
          .filter((path) => !before.has(path)),
      );
    }),
    { seed, numRuns: 100 },
  );
});

it("gives every node of a proof from the tile that holds it", () => {
  const size = 600;
  const leaves = Array.from({ length: size }, (_, at) =>
    runHashing(leafHash(Uint8Array.of(at, at >> 8)), sha256),
  );
  const hashOf = (level: number, index: number) =>
    runHashing(treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)), sha256);
  const files = new Map(
    tilesOfTree(size).map((tile) => [
      tilePath(tile),
      concatenated(...nodesOfTile(tile).map(({ level, index }) => hashOf(level, index))),
    ]),
  );
  expect(files.size).toBe(4);
  for (const index of [0, 1, 255, 256, 511, 512, 599])
    for (const node of inclusionNodes(index, size).flat()) {
      const file = files.get(tilePath(tileOfNode(node, size)))!;
      expect(runHashing(nodeFromTile(node, file), sha256)).toEqual(hashOf(node.level, node.index));
      expect(runHashing(nodeFromTile(node, new Uint8Array(0)), sha256)).toBeNull();
    }
});

it("keeps entries apart in a bundle, and names a cut one", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 }), fc.nat(), (entries, cut) => {
      const bundle = encodeEntries(entries);
      expect(decodeEntries(bundle)).toEqual({ ok: true, value: entries });
      const whole = entries.map((_, at) => encodeEntries(entries.slice(0, at)).length);
      const length = bundle.length === 0 ? 0 : cut % bundle.length;
      if (bundle.length > 0)
        expect(decodeEntries(bundle.subarray(0, length)).ok).toBe(whole.includes(length));
    }),
    { seed, numRuns: 500 },
  );
  expect(() => encodeEntries([new Uint8Array(65_536)])).toThrow(RangeError);
});
