import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { decodeHex, encodeHex } from "../hex.ts";
import { seed } from "../testing/seed.ts";
import { sha256 } from "../testing/sha256.ts";
import { type Hashing, runHashing, runHashingAsync } from "./hashing.ts";
import { isConsistent, isIncluded } from "./proofs.ts";
import {
  consistencyNodes,
  foldProof,
  inclusionNodes,
  leafHash,
  nodesCompletedBy,
  treeHash,
  type TreeNode,
} from "./tree.ts";

interface Vectors {
  referenceTree: {
    emptyRoot: string;
    leaves: string[];
    rootsBySize: string[];
    inclusion: { index: number; size: number; path: string[] }[];
    consistency: { first: number; second: number; path: string[] }[];
  };
  argon2020: {
    size: number;
    root: string;
    index: number;
    leafHash: string;
    path: string[];
    oldSize: number;
    oldRoot: string;
    consistency: string[];
  };
}

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/transparency-log.json", import.meta.url), "utf8"),
) as Vectors;
const bytes = (hex: string) => decodeHex(hex)!;
const hex = (hashes: Uint8Array[]) => hashes.map(encodeHex);
const run = <T>(hashing: Hashing<T>) => runHashing(hashing, sha256);
const leafHashOf = (leaf: Uint8Array) => run(leafHash(leaf));

const { referenceTree, argon2020 } = vectors;
const leaves = referenceTree.leaves.map((leaf) => leafHashOf(bytes(leaf)));
const rootOf = (size: number) => run(treeHash(leaves.slice(0, size)));
const hashOfNodeIn =
  (hashes: readonly Uint8Array[]) =>
  ({ level, index }: TreeNode) =>
    run(treeHash(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)));

/** Every proof that differs from a good one by a little. */
function spoiled(path: readonly Uint8Array[]): Uint8Array[][] {
  const flipped = path.map((_, at) =>
    path.map((hash, index) => (index === at ? hash.map((byte, i) => (i === 0 ? byte ^ 8 : byte)) : hash)),
  );
  const other = new Uint8Array(32).fill(7);
  return [...flipped, path.slice(1), path.slice(0, -1), [...path, other], [other, ...path]].filter(
    (candidate) => hex(candidate).join() !== hex([...path]).join(),
  );
}

describe("the reference tree of Certificate Transparency", () => {
  it("has the known roots", () => {
    expect(encodeHex(rootOf(0))).toBe(referenceTree.emptyRoot);
    expect(leaves.map((_, at) => encodeHex(rootOf(at + 1)))).toEqual(referenceTree.rootsBySize);
  });

  test.each(referenceTree.inclusion)("inclusion of $index in $size", ({ index, size, path }) => {
    expect(hex(run(foldProof(inclusionNodes(index, size), hashOfNodeIn(leaves))))).toEqual(path);
    const proof = path.map(bytes);
    expect(run(isIncluded(leaves[index]!, index, size, proof, rootOf(size)))).toBe(true);
    for (const bad of spoiled(proof))
      expect(run(isIncluded(leaves[index]!, index, size, bad, rootOf(size)))).toBe(false);
    for (const [at, of] of [
      [index + 1, size],
      [index - 1, size],
      [index ^ 2, size],
      [index, size * 2],
    ] as const)
      expect(run(isIncluded(leaves[index]!, at, of, proof, rootOf(size)))).toBe(false);
  });

  test.each(referenceTree.consistency)("consistency of $first with $second", ({ first, second, path }) => {
    expect(hex(run(foldProof(consistencyNodes(first, second), hashOfNodeIn(leaves))))).toEqual(path);
    const [older, newer] = [first, second].map((size) => ({ size, root: rootOf(size) })) as [Tree, Tree];
    const proof = path.map(bytes);
    expect(run(isConsistent(older, newer, proof))).toBe(true);
    for (const bad of spoiled(proof)) expect(run(isConsistent(older, newer, bad))).toBe(false);
    if (first === second) return;
    expect(run(isConsistent(newer, older, proof))).toBe(false);
    expect(run(isConsistent({ ...older, size: first + 1 }, newer, proof))).toBe(false);
    expect(run(isConsistent({ ...older, root: newer.root }, newer, proof))).toBe(false);
  });
});

interface Tree {
  readonly size: number;
  readonly root: Uint8Array;
}

describe("a log of 961,984,013 certificates", () => {
  const { size, index, oldSize } = argon2020;
  const root = bytes(argon2020.root);

  it("holds one at its place", async () => {
    const path = argon2020.path.map(bytes);
    const hashing = () => isIncluded(bytes(argon2020.leafHash), index, size, path, root);
    expect(run(hashing())).toBe(true);
    const inBrowser = await runHashingAsync(
      hashing(),
      async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data)),
    );
    expect(inBrowser).toBe(true);
    expect(run(isIncluded(bytes(argon2020.leafHash), index + 1, size, path, root))).toBe(false);
  });

  it("has the log of 3,654,490 as its beginning", () => {
    const older = { size: oldSize, root: bytes(argon2020.oldRoot) };
    const proof = argon2020.consistency.map(bytes);
    expect(run(isConsistent(older, { size, root }, proof))).toBe(true);
    expect(run(isConsistent({ ...older, size: oldSize + 1 }, { size, root }, proof))).toBe(false);
  });
});

it("proves every entry and every beginning of trees up to 70 entries", () => {
  const many = Array.from({ length: 70 }, (_, at) => leafHashOf(Uint8Array.of(at)));
  // As a log keeps them: each node is stored when it becomes complete.
  const stored = new Map<string, Uint8Array>();
  const keyOf = ({ level, index }: TreeNode) => `${level}/${index}`;
  const roots = [run(treeHash([]))];
  for (let size = 1; size <= many.length; size++) {
    for (const node of nodesCompletedBy(size - 1)) stored.set(keyOf(node), hashOfNodeIn(many)(node));
    const root = run(treeHash(many.slice(0, size)));
    const hashOf = (node: TreeNode) => stored.get(keyOf(node))!;
    for (let index = 0; index < size; index++) {
      const proof = run(foldProof(inclusionNodes(index, size), hashOf));
      expect(run(isIncluded(many[index]!, index, size, proof, root))).toBe(true);
    }
    for (let first = 0; first < size; first++) {
      const proof = run(foldProof(consistencyNodes(first, size), hashOf));
      expect(run(isConsistent({ size: first, root: roots[first]! }, { size, root }, proof))).toBe(true);
    }
    roots.push(root);
  }
});

it("takes nothing made up for a proof, and never throws", () => {
  const hash = fc.uint8Array({ minLength: 31, maxLength: 33 });
  fc.assert(
    fc.property(hash, fc.double(), fc.double(), fc.array(hash), hash, (leaf, index, size, path, root) => {
      expect(run(isIncluded(leaf, index, size, path, root))).toBe(false);
      const older = { size: index, root: leaf };
      if (index === 0 || index === size) return;
      expect(run(isConsistent(older, { size, root }, path))).toBe(false);
    }),
    { seed, numRuns: 2_000 },
  );
});
