/**
 * Distance of a join from the moment a live segment is published. Who joins just before one starts a whole segment
 * further back than who joins just after it, so every kind has to join at the same phases to be compared.
 */
const PHASE_MS = 250;

/** How long to wait for that phase of a live stream that began at `streamBeganAtMs`. */
export function joinPhase(streamBeganAtMs: number, segmentMs: number, nowMs: number): number {
  const sincePhaseMs = (nowMs - streamBeganAtMs - PHASE_MS) % segmentMs;
  return (segmentMs - sincePhaseMs) % segmentMs;
}
