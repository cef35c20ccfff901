/** Verified-path goodput of one peer, from finished transfers. */
export interface Goodput {
  /** Bits per second; the guess before the first sample. */
  rateBps(): number;
  sample(sizeBytes: number, durationMs: number): void;
}

/** Before a peer has sent anything it is taken for a common home uplink. */
export const goodputGuessBps = 5_000_000;
const newestWeight = 0.4;

export function createGoodput(): Goodput {
  let rate: number | null = null;
  return {
    rateBps: () => rate ?? goodputGuessBps,
    sample(sizeBytes, durationMs) {
      const seen = (sizeBytes * 8000) / Math.max(durationMs, 1);
      rate = rate === null ? seen : rate + (seen - rate) * newestWeight;
    },
  };
}
