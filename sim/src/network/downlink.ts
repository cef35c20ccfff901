/** A viewer's way down: what arrives queues up behind what arrived before, so that no bit comes twice at once. */
export interface Downlink {
  readonly bytesPerMs: number;
  freeAtMs: number;
}

export function createDownlink(bps: number): Downlink {
  return { bytesPerMs: bps / 8000, freeAtMs: 0 };
}

/**
 * When bytes that end to arrive at the last mile at `atMs` are through it. They came as a flow, not as a lump, so an
 * idle downlink that is faster than what feeds it adds nothing.
 */
export function passDown(downlink: Downlink, atMs: number, bytes: number): number {
  const takesMs = bytes / downlink.bytesPerMs;
  downlink.freeAtMs = Math.max(atMs, downlink.freeAtMs + takesMs);
  return downlink.freeAtMs;
}
