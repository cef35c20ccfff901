/** Media bytes that players used, by source. */
export interface SourceBytes {
  readonly peerBytes: number;
  readonly cdnBytes: number;
}

export interface Totals {
  /** The running count of one viewer's present engine. */
  update(viewer: number, bytes: SourceBytes): void;
  /** The viewer left, was killed or starts over with a new engine: what it used stays in the sum. */
  depart(viewer: number): void;
  sum(): SourceBytes;
}

export function createTotals(): Totals {
  const present = new Map<number, SourceBytes>();
  let departed: SourceBytes = { peerBytes: 0, cdnBytes: 0 };
  return {
    update: (viewer, bytes) => void present.set(viewer, bytes),
    depart(viewer) {
      departed = add(departed, present.get(viewer) ?? { peerBytes: 0, cdnBytes: 0 });
      present.delete(viewer);
    },
    sum: () => [...present.values()].reduce(add, departed),
  };
}

function add(a: SourceBytes, b: SourceBytes): SourceBytes {
  return { peerBytes: a.peerBytes + b.peerBytes, cdnBytes: a.cdnBytes + b.cdnBytes };
}

/** Share of what the players used that did not leave the CDN; null before anything was used. */
export function offloadRatio(used: SourceBytes, sentByCdnBytes: number): number | null {
  const usedBytes = used.peerBytes + used.cdnBytes;
  if (usedBytes <= 0) return null;
  return Math.max(0, 1 - sentByCdnBytes / usedBytes);
}
