/** What one peer delivers to us, from the pieces it brought. */
export interface Goodput {
  /** Bits per second; the guess before the first sample. */
  rateBps(): number;
  /** A piece that took so long since it was asked for, or since the one before it ended, whichever was later. */
  sample(sizeBytes: number, durationMs: number): void;
}

/** Before a peer has sent anything it is taken for a common home uplink. */
export const goodputGuessBps = 5_000_000;
/** Pieces are many and their times vary: the rate follows about the last five. */
const newestWeight = 0.2;

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
