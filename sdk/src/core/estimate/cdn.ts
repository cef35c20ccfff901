import { cdnFetchGuessMs } from "../limits.ts";

/** One transfer that ended well. `bodyBytes` are those after the first read, and `bodyMs` the time they took. */
export interface CdnSample {
  readonly sizeBytes: number;
  readonly firstByteMs: number;
  readonly bodyBytes: number;
  readonly bodyMs: number;
  /** A range of a segment: nothing to learn from it about the size of segments. */
  readonly isRange?: boolean;
}

/** What the CDN has lately delivered; all rates from this session's own transfers. */
export interface CdnEstimate {
  /** Bits per second of the latest transfers, or less where all were small; null before the first. */
  rateBps(): number | null;
  firstByteMs(): number;
  /**
   * Expected time to fetch so many bytes in so many requests one after the other, by the slower of the latest transfer and
   * those before it; null is an average segment.
   */
  fetchMs(sizeBytes: number | null, requestCount?: number): number;
  sample(sample: CdnSample, nowMs: number): void;
  /** A transfer that was called off: what its body had brought by then, in how long. */
  cut(bodyBytes: number, bodyMs: number, nowMs: number): void;
  /** The line carries no more than that, whoever sends. */
  slowed(bytes: number, tookMs: number, nowMs: number): void;
  /** When the rate was last seen, -Infinity for never. */
  seenAtMs(): number;
}

/** Bodies below this say more about latency and buffers than about rate. */
const bodyMinBytes = 64 * 1024;
/** But not where they took this long. */
const bodyMinMs = 1000;
/** A line that carries less is as good as none, and nothing should ever seem to take for ever. */
const rateMinBps = 64_000;
/** Weight of the newest sample: half, because the next decision depends on the CDN's speed now. */
const newestWeight = 0.5;

export function createCdnEstimate(): CdnEstimate {
  let rate: number | null = null;
  /** Of the latest body alone: what takes longer than thought must not be late again. */
  let latestRate = Infinity;
  /** Only small bodies so far: the rate is theirs from the request on, and no more than a lower bound. */
  let isBound = true;
  let firstByte: number | null = null;
  let averageBytes = 0;
  let seenAtMs = -Infinity;

  const mix = (old: number | null, sample: number) =>
    old === null ? sample : old + (sample - old) * newestWeight;

  /** @returns false where the body says nothing of the rate */
  function sampleBody(bytes: number, tookMs: number, nowMs: number): boolean {
    if (bytes < bodyMinBytes && tookMs < bodyMinMs) return false;
    latestRate = Math.max(rateMinBps, (bytes * 8000) / Math.max(tookMs, 1));
    rate = mix(isBound ? null : rate, latestRate);
    isBound = false;
    seenAtMs = nowMs;
    return true;
  }

  return {
    rateBps: () => rate,
    firstByteMs: () => firstByte ?? cdnFetchGuessMs / 4,
    fetchMs(sizeBytes, requestCount = 1) {
      if (rate === null || firstByte === null) return cdnFetchGuessMs;
      const bodyMs = ((sizeBytes ?? averageBytes) * 8000) / Math.min(rate, latestRate);
      // The bound has one wait for the first byte in it already.
      if (isBound) return (requestCount - 1) * firstByte + Math.max(firstByte, bodyMs);
      return requestCount * firstByte + bodyMs;
    },
    sample({ sizeBytes, firstByteMs, bodyBytes, bodyMs, isRange }, nowMs) {
      firstByte = mix(firstByte, firstByteMs);
      if (isRange !== true) averageBytes = mix(averageBytes === 0 ? null : averageBytes, sizeBytes);
      if (sampleBody(bodyBytes, bodyMs, nowMs)) return;
      seenAtMs = nowMs;
      const boundBps = (sizeBytes * 8000) / Math.max(firstByteMs + bodyMs, 1);
      if (isBound || boundBps > rate!) rate = mix(rate, boundBps);
      if (boundBps > latestRate) latestRate = boundBps;
    },
    cut: (bodyBytes, bodyMs, nowMs) => void sampleBody(bodyBytes, bodyMs, nowMs),
    slowed(bytes, tookMs, nowMs) {
      rate = Math.max(rateMinBps, Math.min(rate ?? Infinity, (bytes * 8000) / Math.max(tookMs, 1)));
      latestRate = rate;
      isBound = false;
      seenAtMs = nowMs;
    },
    seenAtMs: () => seenAtMs,
  };
}
