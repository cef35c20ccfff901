import { coveredMs, stretchesOf, type Interval } from "./busy-time.ts";

/** One segment on its way to the player, on the page's clock. */
export interface SegmentLoad extends Interval {
  readonly sizeBytes: number;
  /** How much more the engine had from peers after it than before it. */
  readonly peerBytes: number;
}

export interface TransportLog {
  readonly loads: readonly SegmentLoad[];
  /** When data channel messages large enough to be media came in, in their order. */
  readonly arrivalsMs: readonly number[];
}

/** Longer than a pause inside a transfer, shorter than one between segments that are asked for in turn. */
const ACTIVITY_GAP_MS = 50;
/** Loads at the start that wait for links to come up. */
const WARM_UP_LOADS = 1;

/**
 * Bytes of whole segments from peers over the time in which one was asked for or data came in: an engine that fetches
 * ahead of its player gains nothing here. In bytes per second; null where no segment came from a peer.
 */
export function goodputOf({
  loads,
  arrivalsMs,
}: TransportLog): { bytes: number; bytesPerSecond: number } | null {
  const fromPeers = loads.filter(({ peerBytes, sizeBytes }) => peerBytes >= sizeBytes).slice(WARM_UP_LOADS);
  const [first] = fromPeers;
  if (first === undefined) return null;
  const bytes = fromPeers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const arrivals = arrivalsMs.filter((atMs) => atMs >= first.startMs);
  const busyMs = coveredMs([...fromPeers, ...stretchesOf(arrivals, ACTIVITY_GAP_MS)]);
  return { bytes, bytesPerSecond: (bytes * 1000) / busyMs };
}
