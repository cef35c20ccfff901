/** Running totals of one engine, in bytes and counts. */
export interface Counters {
  /** Media bytes that came over HTTP, used or not. */
  cdnBytes: number;
  /** Verified bytes from peers that were delivered to the player. */
  peerBytes: number;
  /** Bytes from either source that nothing came of. */
  wastedBytes: number;
  uploadedBytes: number;
  segmentsFromPeers: number;
  segmentsFromCdn: number;
  /** Lists and pieces that did not match. */
  hashFailures: number;
  /** Requests to peers that were refused, and those that fell silent. */
  refusals: number;
  silences: number;
}

export function createCounters(): Counters {
  return {
    cdnBytes: 0,
    peerBytes: 0,
    wastedBytes: 0,
    uploadedBytes: 0,
    segmentsFromPeers: 0,
    segmentsFromCdn: 0,
    hashFailures: 0,
    refusals: 0,
    silences: 0,
  };
}
