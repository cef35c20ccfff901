import { accumulate, type Claim, EMPTY_ACC, type Link, type StatementEntry } from "@tributary/protocol";
import type { TrustedRoot } from "./input.ts";

/** What one side of a grant has stated: its last claim, and as much of the chain of links as it told. */
export interface Side {
  readonly claim: Claim;
  readonly links: readonly Link[];
}

/** Null where it stated nothing. A link that is missing ends the chain: nothing after it can be placed. */
export function sideOf(entries: readonly StatementEntry[]): Side | null {
  let links: Link[] = [];
  let claim: Claim | null = null;
  for (const entry of entries) {
    if (claim !== null && entry.seq < claim.seq) continue;
    claim = entry;
    const start = entry.segments - entry.links.length;
    // What was stated before its acknowledgement came is stated again.
    if (start <= links.length) links = [...links.slice(0, start), ...entry.links];
  }
  return claim === null ? null : { claim, links };
}

export type RootOf = (link: Link) => TrustedRoot | null;

/**
 * The chain's links up to a claim, if they prove it: the accumulator computed from trusted roots is the claim's, and
 * the bytes add up. Null where they do not, or a link names an unknown segment or more than it holds.
 */
export function provingLinks(
  links: readonly Link[],
  claim: Claim,
  rootOf: RootOf,
  sha256: (bytes: Uint8Array) => Uint8Array,
): readonly Link[] | null {
  if (links.length < claim.segments) return null;
  const proving = links.slice(0, claim.segments);
  let acc = EMPTY_ACC;
  let bytes = 0;
  for (const link of proving) {
    const trusted = rootOf(link);
    if (trusted === null || link.bytes > trusted.sizeBytes) return null;
    acc = accumulate(sha256, acc, link.segment, trusted.root, link.bytes);
    bytes += link.bytes;
  }
  return bytes === claim.bytes && equal(acc, claim.acc) ? proving : null;
}

export function isSameClaim(left: Claim, right: Claim): boolean {
  return left.bytes === right.bytes && left.segments === right.segments && equal(left.acc, right.acc);
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
