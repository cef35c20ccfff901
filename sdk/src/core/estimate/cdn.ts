import { cdnFetchGuessMs } from "../limits.ts";

/** One transfer that ended well. `bodyBytes` are those after the first read, and `bodyMs` the time they took. */
export interface CdnSample {
  readonly sizeBytes: number;
  readonly firstByteMs: number;
  readonly bodyBytes: number;
  readonly bodyMs: number;
}

/** What the CDN has lately delivered; all rates from this session's own transfers. */
export interface CdnEstimate {
  /** Bits per second of the latest transfers, null before the first. */
  rateBps(): number | null;
  firstByteMs(): number;
  /** Expected time to fetch so many bytes in so many requests one after the other; null is an average segment. */
  fetchMs(sizeBytes: number | null, requestCount?: number): number;
  sample(sample: CdnSample): void;
}

/** Bodies below this say more about latency and buffers than about rate. */
const bodyMinBytes = 64 * 1024;
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
    fetchMs(sizeBytes, requestCount = 1) {
      if (rate === null || firstByte === null) return cdnFetchGuessMs;
      return requestCount * firstByte + ((sizeBytes ?? averageBytes) * 8000) / rate;
    },
    sample({ sizeBytes, firstByteMs, bodyBytes, bodyMs }) {
      firstByte = mix(firstByte, firstByteMs);
      averageBytes = mix(averageBytes === 0 ? null : averageBytes, sizeBytes);
      if (bodyBytes >= bodyMinBytes) rate = mix(rate, (bodyBytes * 8000) / Math.max(bodyMs, 1));
      // A body that came in one read has no rate of its own, only a lower bound.
      else if (rate === null) rate = (sizeBytes * 8000) / Math.max(firstByteMs + bodyMs, 1);
    },
  };
}
