import {
  accumulate,
  bytesOfLinks,
  type Claim,
  EMPTY_ACC,
  equalBytes,
  type Link,
  type StatementEntry,
} from "@tributary/protocol";
import type { TrustedRoot } from "./input.ts";

/** What one side of a grant has stated: its claims, and as much of the chain of links as it told. */
export interface Side {
  /** The last one. */
  readonly claim: Claim;
  /** Those before it, in their order. */
  readonly earlier: readonly Claim[];
  readonly links: readonly Link[];
}

/** Null where it stated nothing. A link that is missing ends the chain: nothing after it can be placed. */
export function sideOf(entries: readonly StatementEntry[]): Side | null {
  let links: Link[] = [];
  const claims: Claim[] = [];
  for (const entry of entries) {
    if (entry.seq < (claims.at(-1)?.seq ?? 0)) continue;
    claims.push(entry);
    const start = entry.segments - entry.links.length;
    // What was stated before its acknowledgement came is stated again.
    if (start <= links.length) links = [...links.slice(0, start), ...entry.links];
  }
  const claim = claims.pop();
  return claim === undefined ? null : { claim, earlier: claims, links };
}

/** All trusted roots that a link's segment id stands for: of different resources where their names collide. */
export type RootsOf = (link: Link) => readonly TrustedRoot[];

/** A link, and how large its segment is. */
export interface ProvenLink extends Link {
  readonly sizeBytes: number;
}

/**
 * Hashes to spend on finding which of several roots a chain was made of, beyond one for each link, some 10 ms: enough
 * for eleven links with a rival each between two claims, or for many stretches of fewer.
 */
const SEARCH_MAX = 4_096;

/**
 * The chain's links up to a claim, if they prove it: the accumulator computed from trusted roots is the claim's, and
 * the bytes add up. Null where they do not, or a link names an unknown segment or more than it holds.
 * @param through claims of the other side that the chain has to pass through as well
 */
export function provingLinks(
  { links, earlier }: Pick<Side, "links" | "earlier">,
  claim: Claim,
  rootsOf: RootsOf,
  sha256: (bytes: Uint8Array) => Uint8Array,
  through: readonly Claim[] = [],
): readonly ProvenLink[] | null {
  if (links.length < claim.segments) return null;
  const told = links.slice(0, claim.segments);
  const wanted = [...through, claim];
  const addsUp = ({ segments, bytes }: Claim) =>
    segments <= claim.segments && bytesOfLinks(told.slice(0, segments)) === bytes;
  if (!wanted.every(addsUp)) return null;
  const options = told.map((link) => rootsOf(link).filter(({ sizeBytes }) => link.bytes <= sizeBytes));
  if (options.some(({ length }) => length === 0)) return null;
  const isAmbiguous = options.some(({ length }) => length > 1);
  // Earlier claims cut the search short, if they are of the same chain.
  const cuts = isAmbiguous ? earlier.filter(({ segments }) => segments < claim.segments) : [];
  const search = (claims: readonly Claim[]) => searchRoots(told, options, claims, sha256);
  const roots = search([...cuts, ...wanted]) ?? (cuts.length > 0 ? search(wanted) : null);
  return roots && told.map((link, at) => ({ ...link, sizeBytes: roots[at]!.sizeBytes }));
}

/** Which of its roots each link has, so that the chain passes through all of the claims. Null: none found. */
function searchRoots(
  links: readonly Link[],
  options: readonly (readonly TrustedRoot[])[],
  claims: readonly Claim[],
  sha256: (bytes: Uint8Array) => Uint8Array,
): readonly TrustedRoot[] | null {
  const passes = new Map([[0, EMPTY_ACC]]);
  for (const { segments, acc } of claims) {
    if (!equalBytes(passes.get(segments) ?? acc, acc)) return null;
    passes.set(segments, acc);
  }
  const accs = [EMPTY_ACC];
  const chosen = links.map(() => 0);
  let hashesLeft = links.length + SEARCH_MAX;
  let provedUpTo = 0;
  for (let at = 0; at < links.length;) {
    const root = options[at]![chosen[at]!];
    if (root === undefined) {
      chosen[at] = 0;
      // All were tried: another one for a link before this.
      if (--at < provedUpTo) return null;
      chosen[at]!++;
      continue;
    }
    if (hashesLeft-- === 0) return null;
    const { segment, bytes } = links[at]!;
    const acc = accumulate(sha256, accs[at]!, segment, root.root, bytes);
    const expected = passes.get(at + 1);
    if (expected !== undefined && !equalBytes(acc, expected)) chosen[at]!++;
    else {
      accs[++at] = acc;
      if (expected !== undefined) provedUpTo = at;
    }
  }
  return options.map((roots, at) => roots[chosen[at]!]!);
}

export function isSameClaim(left: Claim, right: Claim): boolean {
  return left.bytes === right.bytes && left.segments === right.segments && equalBytes(left.acc, right.acc);
}
