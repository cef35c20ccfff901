import { HASH_BYTES, type Hashing } from "./hashing.ts";
import { equalBytes } from "../bytes.ts";
import { nodeHash } from "./tree.ts";

const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;
const half = (value: number) => Math.floor(value / 2);
const areHashes = (hashes: readonly Uint8Array[]) => hashes.every(({ length }) => length === HASH_BYTES);

/**
 * The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2).
 * @returns null where the proof does not fit `index` and `size`
 */
export function* rootOfInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Hashing<Uint8Array | null> {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leaf, ...proof])) return null;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      hash = yield* nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = yield* nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 ? hash : null;
}

/** True where `leaf` (a leaf hash) is entry `index` of the tree with this size and root. */
export function* isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Hashing<boolean> {
  const found = yield* rootOfInclusion(leaf, index, size, proof);
  return found !== null && equalBytes(found, root);
}

/** True where the first tree is a prefix of the second (RFC 9162, section 2.1.4.2). */
export function* isConsistent(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): Hashing<boolean> {
  if (!isSize(first.size) || !isSize(second.size) || first.size > second.size) return false;
  if (!areHashes([first.root, second.root, ...proof])) return false;
  if (first.size === second.size) return proof.length === 0 && equalBytes(first.root, second.root);
  if (first.size === 0) return proof.length === 0;

  let at = first.size - 1;
  let last = second.size - 1;
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  // Where the first tree is a subtree of the second, the proof begins with its root, left out because it is known.
  const path = at === 0 ? [first.root, ...proof] : proof;
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let firstRoot = start;
  let secondRoot = start;
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      firstRoot = yield* nodeHash(hash, firstRoot);
      secondRoot = yield* nodeHash(hash, secondRoot);
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      secondRoot = yield* nodeHash(secondRoot, hash);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(firstRoot, first.root) && equalBytes(secondRoot, second.root);
}
