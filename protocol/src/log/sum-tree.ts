import { AMOUNT_MAX, amountBytes } from "./amount.ts";
import { concatenated, HASH_BYTES, type Hashing } from "./hashing.ts";
import { equalBytes } from "../bytes.ts";

/**
 * A Merkle tree that also adds up: every node knows the sum below it, and its parent's hash covers that sum. Whoever
 * checks one leaf checks that the sums on its way to the root add up, so that no leaf can be paid beside the total.
 */
export interface SumNode {
  readonly hash: Uint8Array;
  readonly sum: bigint;
}

/** Long enough that nobody can try out records against a published hash. */
export const SALT_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** SHA-256(0x00 ‖ SHA-256(salt ‖ record)): the salt keeps what siblings in a proof say about others secret. */
export function* sumLeaf(salt: Uint8Array, record: Uint8Array, sum: bigint): Hashing<SumNode> {
  const inner = yield concatenated(salt, record);
  return { hash: yield concatenated(LEAF_PREFIX, inner), sum };
}

/** SHA-256(0x01 ‖ left hash ‖ left sum u64 ‖ right hash ‖ right sum u64), with both sums together. */
function* sumParent(left: SumNode, right: SumNode): Hashing<SumNode> {
  const parts = [left.hash, amountBytes(left.sum), right.hash, amountBytes(right.sum)];
  return { hash: yield concatenated(NODE_PREFIX, ...parts), sum: left.sum + right.sum };
}

function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The shape of RFC 6962. Of nothing: SHA-256 of the empty string, and zero. */
export function* sumTree(leaves: readonly SumNode[]): Hashing<SumNode> {
  if (leaves.length === 0) return { hash: yield new Uint8Array(0), sum: 0n };
  if (leaves.length === 1) return leaves[0]!;
  const middle = split(leaves.length);
  return yield* sumParent(yield* sumTree(leaves.slice(0, middle)), yield* sumTree(leaves.slice(middle)));
}

/** The siblings from leaf `index` up. */
export function* sumPath(leaves: readonly SumNode[], index: number): Hashing<SumNode[]> {
  if (leaves.length < 2) return [];
  const middle = split(leaves.length);
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)];
  if (index < middle) return [...(yield* sumPath(left, index)), yield* sumTree(right)];
  return [...(yield* sumPath(right, index - middle)), yield* sumTree(left)];
}

const isNode = ({ hash, sum }: SumNode) => hash.length === HASH_BYTES && sum >= 0n && sum <= AMOUNT_MAX;

/** Which side each sibling stands on, from the leaf up: the shape of the tree decides, not the proof. */
function sidesOf(index: number, count: number): ("left" | "right")[] {
  const sides: ("left" | "right")[] = [];
  for (let start = 0, end = count; end - start > 1;) {
    const middle = start + split(end - start);
    sides.push(index < middle ? "right" : "left");
    if (index < middle) end = middle;
    else start = middle;
  }
  return sides.reverse();
}

/**
 * True where `leaf` stands at `index` of the tree with `count` leaves under `root`, its sum being part of the
 * root's.
 */
export function* isInSumTree(
  leaf: SumNode,
  index: number,
  count: number,
  path: readonly SumNode[],
  root: SumNode,
): Hashing<boolean> {
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(index) || index < 0 || index >= count)
    return false;
  const sides = sidesOf(index, count);
  if (sides.length !== path.length || ![leaf, root, ...path].every(isNode)) return false;
  let node = leaf;
  for (const [at, sibling] of path.entries()) {
    node = yield* sides[at] === "left" ? sumParent(sibling, node) : sumParent(node, sibling);
    if (node.sum > AMOUNT_MAX) return false;
  }
  return node.sum === root.sum && equalBytes(node.hash, root.hash);
}
