import { cdnFetchGuessMs } from "../limits.ts";

/** What the CDN has lately delivered; all rates from this session's own transfers. */
export interface CdnEstimate {
  /** Bits per second of the latest transfers, null before the first. */
  rateBps(): number | null;
  firstByteMs(): number;
  /** Expected time to fetch so many bytes, null meaning an average segment. */
  fetchMs(sizeBytes: number | null): number;
  sample(sizeBytes: number, firstByteMs: number, bodyMs: number): void;
}

/** Bodies below this say more about latency than about rate. */
const sampleMinBytes = 16 * 1024;
/** Weight of the newest sample: half, because the next decision depends on the CDN's speed now. */
const newestWeight = 0.5;

export function createCdnEstimate(): CdnEstimate {
  let rate: number | null = null;
  let firstByte: number | null = null;
  let averageBytes = 0;

  const mix = (old: number | null, sample: number) =>
    old === null ? sample : old + (sample - old) * newestWeight;

  return {
    rateBps: () => rate,
    firstByteMs: () => firstByte ?? cdnFetchGuessMs / 4,
    fetchMs(sizeBytes) {
      if (rate === null || firstByte === null) return cdnFetchGuessMs;
      return firstByte + ((sizeBytes ?? averageBytes) * 8000) / rate;
    },
    sample(sizeBytes, firstByteMs, bodyMs) {
      firstByte = mix(firstByte, firstByteMs);
      averageBytes = mix(averageBytes === 0 ? null : averageBytes, sizeBytes);
      if (sizeBytes >= sampleMinBytes) rate = mix(rate, (sizeBytes * 8000) / Math.max(bodyMs, 1));
    },
  };
}
