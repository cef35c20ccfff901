import { concatenated, type Hashing } from "./hashing.ts";

/** Apart from each other, so that no node passes for a leaf (RFC 6962, section 2.1). */
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** SHA-256(0x00 ‖ entry) */
export function* leafHash(entry: Uint8Array): Hashing<Uint8Array> {
  return yield concatenated(LEAF_PREFIX, entry);
}

/** SHA-256(0x01 ‖ left ‖ right) */
export function* nodeHash(left: Uint8Array, right: Uint8Array): Hashing<Uint8Array> {
  return yield concatenated(NODE_PREFIX, left, right);
}

/** A perfect subtree: the hash over the entries from `index * 2^level` to `(index + 1) * 2^level`. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The largest power of two that is less than `count`, which must be at least two. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

const levelOf = (count: number) => Math.round(Math.log2(count));

/** The perfect subtrees that make up the entries from `start` to `end`, a range as RFC 6962 splits them. */
export function nodesOfRange(start: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let from = start; from < end;) {
    const left = end - from;
    const count = left === 1 ? 1 : splitOf(left) * 2 === left ? left : splitOf(left);
    nodes.push({ level: levelOf(count), index: from / count });
    from += count;
  }
  return nodes;
}

/** The hash over a range, from the hashes of `nodesOfRange`. Of nothing: SHA-256 of the empty string. */
export function* foldNodes(hashes: readonly Uint8Array[]): Hashing<Uint8Array> {
  let hash = hashes.at(-1) ?? (yield new Uint8Array(0));
  for (const left of hashes.slice(0, -1).reverse()) hash = yield* nodeHash(left, hash);
  return hash;
}

/** The Merkle tree hash of RFC 6962 over leaf hashes. */
export function* treeHash(leafHashes: readonly Uint8Array[]): Hashing<Uint8Array> {
  if (leafHashes.length < 2) return yield* foldNodes(leafHashes);
  const split = splitOf(leafHashes.length);
  const left = yield* treeHash(leafHashes.slice(0, split));
  return yield* nodeHash(left, yield* treeHash(leafHashes.slice(split)));
}

/** The nodes that become complete when entry `index` is appended, lowest first; the first is its leaf. */
export function nodesCompletedBy(index: number): TreeNode[] {
  const nodes: TreeNode[] = [{ level: 0, index }];
  for (let level = 1, at = index; at % 2 === 1; level++) {
    at = Math.floor(at / 2);
    nodes.push({ level, index: at });
  }
  return nodes;
}

/**
 * What an inclusion proof (RFC 6962, section 2.1.1) is made of: for each of its hashes, from the leaf up, the
 * nodes that fold into it.
 */
export function inclusionNodes(index: number, size: number): TreeNode[][] {
  const path: TreeNode[][] = [];
  for (let start = 0, end = size; end - start > 1;) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(nodesOfRange(middle, end));
      end = middle;
    } else {
      path.push(nodesOfRange(start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/** The same for a consistency proof (RFC 6962, section 2.1.2) from `first` to `second` entries. */
export function consistencyNodes(first: number, second: number): TreeNode[][] {
  const path: TreeNode[][] = [];
  if (first === 0 || first === second) return path;
  let start = 0;
  let end = second;
  while (first !== end) {
    const middle = start + splitOf(end - start);
    if (first <= middle) {
      path.push(nodesOfRange(middle, end));
      end = middle;
    } else {
      path.push(nodesOfRange(start, middle));
      start = middle;
    }
  }
  // The old tree itself need not be told where it is a subtree of the new one: its root is known.
  if (start > 0) path.push(nodesOfRange(start, end));
  return path.reverse();
}

/** The proof itself, once the hashes of its nodes are at hand. */
export function* foldProof(
  path: readonly (readonly TreeNode[])[],
  hashOf: (node: TreeNode) => Uint8Array,
): Hashing<Uint8Array[]> {
  const proof: Uint8Array[] = [];
  for (const nodes of path) proof.push(yield* foldNodes(nodes.map(hashOf)));
  return proof;
}
