import type { SegmentId } from "@tributary/protocol";

/** Mixes 32 bits so that every input bit reaches every output bit (the finaliser of MurmurHash3). */
function mix32(value: number): number {
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

/** How many of `others` come before `own` for this segment; equal weights are settled by the ticket. */
export function rankAmong(own: number, others: readonly number[], segment: SegmentId): number {
  const weight = rendezvousWeight(own, segment);
  let rank = 0;
  for (const other of others) {
    const rival = rendezvousWeight(other, segment);
    if (rival < weight || (rival === weight && other < own)) rank += 1;
  }
  return rank;
}
