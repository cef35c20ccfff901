import { deliveredBytes, distinct, type Deliveries } from "./delivery.ts";

export type RootsMode = "playlist" | "verifier";

/**
 * The share of media bytes that the origin did not have to send, counted at the origin: hedges, aborted transfers,
 * prefetch that nobody played and the verifier's own copies all lower it. Negative where the swarm costs more than
 * plain hls.js would. 0 where nothing was needed.
 */
export function offloadRatio(originMediaBytes: number, viewers: readonly Deliveries[]): number {
  const needed = neededBytes(viewers);
  return needed === 0 ? 0 : 1 - originMediaBytes / needed;
}

/** What the origin would have sent had every viewer used plain hls.js. */
export function neededBytes(viewers: readonly Deliveries[]): number {
  return viewers.reduce((sum, deliveries) => sum + deliveredBytes(distinct(deliveries)), 0);
}

/**
 * The best offload that the design allows for exactly these loads: one CDN copy of each segment that anybody played,
 * one more where the tracker's verifier fetches the roots, and the first segment of every viewer after the first
 * (startup never waits for a peer).
 */
export function offloadCeiling(viewers: readonly Deliveries[], roots: RootsMode | null): number {
  const needed = neededBytes(viewers);
  if (needed === 0) return 0;
  const copies = roots === "verifier" ? 2 : 1;
  const once = deliveredBytes(distinct(viewers.flat()));
  return Math.max(0, 1 - (once * copies + joinerBytes(viewers)) / needed);
}

/** The first segments of all viewers, less the copy of each that is counted anyway. */
function joinerBytes(viewers: readonly Deliveries[]): number {
  const firsts = viewers.flatMap((deliveries) => deliveries.slice(0, 1));
  return deliveredBytes(firsts) - deliveredBytes(distinct(firsts));
}
