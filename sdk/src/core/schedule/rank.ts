import { uplinkBpsOf, type SegmentId } from "@tributary/protocol";

/** Mixes 32 bits so that every input bit reaches every output bit (the finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Rendezvous weight of one viewer for one segment: lowest fetches first. The ticket comes from the tracker,
 * so nobody can choose a low weight for itself.
 * @returns an unsigned 32-bit integer
 */
export function rendezvousWeight(ticket: number, segment: SegmentId): number {
  let hash = mix32(ticket ^ 0x9e3779b9);
  hash = mix32(hash ^ segment.track);
  hash = mix32(hash ^ (segment.sequence >>> 0));
  hash = mix32(hash ^ (segment.part + 1));
  return mix32(hash ^ segment.fingerprint);
}

export interface Contender {
  readonly ticket: number;
  readonly uplinkClass: number;
}

/**
 * How many of `others` come before `own` for this segment. Weights are divided by the uplink, so that each is first
 * as often as its share of all uplinks; whoever serves nobody comes last. Equal ones are settled by the ticket.
 */
export function rankAmong(own: Contender, others: readonly Contender[], segment: SegmentId): number {
  const place = placeOf(own, segment);
  let rank = 0;
  for (const other of others) {
    const rival = placeOf(other, segment);
    if (rival < place || (rival === place && other.ticket < own.ticket)) rank += 1;
  }
  return rank;
}

/** -ln(u) / w for u uniform in (0, 1]: the smallest of several belongs to each in proportion to its w. */
function placeOf({ ticket, uplinkClass }: Contender, segment: SegmentId): number {
  const u = (rendezvousWeight(ticket, segment) + 1) / 2 ** 32;
  return uplinkClass === 0 ? Infinity : -Math.log(u) / uplinkBpsOf(uplinkClass);
}
