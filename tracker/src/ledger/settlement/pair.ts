import type { Claim } from "@tributary/protocol";
import { isSameClaim, type ProvenLink, provingLinks, type RootsOf, type Side, sideOf } from "./chain.ts";
import type { GrantToSettle } from "./input.ts";

/**
 * What a pair's two accounts of one grant come to.
 * - agreed: alike, or one goes on where the other ends
 * - apart: of two chains, so that one contradicts the other; nobody is branded
 * - lie: the downloader signed two different claims for one receipt
 * - one-sided: the other side stated nothing, and was waited for
 * - put-off: the other side stated nothing yet
 * - unproved: the links told do not lead to the accumulator claimed
 * - silent: nobody stated anything
 */
export type Verdict = "agreed" | "apart" | "lie" | "one-sided" | "put-off" | "unproved" | "silent";

export interface PairAccount {
  readonly verdict: Verdict;
  /** The claim that is paid by; null where none is. */
  readonly claim: Claim | null;
  /** What it consists of, in the order of the chain. */
  readonly links: readonly ProvenLink[];
  /** Never paid above this: the claim's own bytes, and where the sides contradict each other the lower of both. */
  readonly bytesMax: number;
}

const nothing = (verdict: Verdict): PairAccount => ({ verdict, claim: null, links: [], bytesMax: 0 });

/**
 * Compares the two sides. Whatever either of them claims the downloader has signed, so that of one chain the further
 * claim is paid: a page that crashed, or says less than it signed, takes nothing from its partner.
 */
export function comparePair(
  { uploader, downloader, putOff }: Pick<GrantToSettle, "uploader" | "downloader" | "putOff">,
  rootsOf: RootsOf,
  sha256: (bytes: Uint8Array) => Uint8Array,
): PairAccount {
  const sides = [sideOf(uploader), sideOf(downloader)] as const;
  const [up, down] = sides;
  const proofOf = (claim: Claim) =>
    // Receipts may be lost with their link, so the side that claims may not know all links; the other does.
    [down, up].reduce<readonly ProvenLink[] | null>(
      (found, side) => found ?? (side && provingLinks(side, claim, rootsOf, sha256)),
      null,
    );
  /** The first of the claims that is proved, and no more bytes of it than the lower of both. */
  const paidBy = (verdict: Verdict, ...claims: readonly Claim[]): PairAccount => {
    const bytesMax = Math.min(...claims.map(({ bytes }) => bytes));
    for (const claim of claims) {
      const links = proofOf(claim);
      if (links !== null) return { verdict, claim, links, bytesMax };
    }
    return nothing(verdict === "lie" ? "lie" : "unproved");
  };

  if (up === null || down === null) {
    const only = up ?? down;
    if (only === null) return nothing("silent");
    return putOff ? paidBy("one-sided", only.claim) : nothing("put-off");
  }
  if (up.claim.seq === down.claim.seq) {
    if (isSameClaim(up.claim, down.claim)) return paidBy("agreed", up.claim);
    return up.claim.bytes < down.claim.bytes
      ? paidBy("lie", up.claim, down.claim)
      : paidBy("lie", down.claim, up.claim);
  }
  const [lower, further] = up.claim.seq < down.claim.seq ? [up, down] : [down, up];
  const { claim } = further;
  const links = provingLinks(further, claim, rootsOf, sha256, [lower.claim]);
  if (links !== null) return { verdict: "agreed", claim, links, bytesMax: claim.bytes };
  return paidBy(contradicts(further, lower.claim) ? "apart" : "agreed", lower.claim, claim);

  /** Not where links are missing that would show it: receipts may be lost with them, and the lower is paid anyway. */
  function contradicts(side: Side, other: Claim): boolean {
    const { bytes, segments } = side.claim;
    if (bytes < other.bytes || segments < other.segments) return true;
    if (segments === other.segments) return !isSameClaim(side.claim, other);
    return side.links.length >= other.segments && provingLinks(side, other, rootsOf, sha256) === null;
  }
}
