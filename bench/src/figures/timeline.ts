import { distinct, type Deliveries } from "./delivery.ts";

/** What the origin had sent in all at one moment of the wall clock. */
export interface OriginSample {
  readonly atMs: number;
  readonly mediaBytes: number;
}

export interface TimelinePoint {
  /** Since the first join. */
  readonly seconds: number;
  readonly originBytes: number;
  /** What plain hls.js would have made the origin send for what the players were given so far. */
  readonly neededBytes: number;
  /** 0 before anything was needed; negative while transfers are under way that no player was given yet. */
  readonly offloadRatio: number;
}

/** Offload so far at every sample: the origin's log beside the viewers' deliveries. */
export function timelineOf(
  samples: readonly OriginSample[],
  viewers: readonly Deliveries[],
  beganAtMs: number,
): TimelinePoint[] {
  const needed = viewers.flatMap((deliveries) => distinct(deliveries)).toSorted((a, b) => a.atMs - b.atMs);
  let at = 0;
  let neededBytes = 0;
  return samples.map(({ atMs, mediaBytes }) => {
    for (; at < needed.length && needed[at]!.atMs <= atMs; at++) neededBytes += needed[at]!.sizeBytes;
    return {
      seconds: (atMs - beganAtMs) / 1000,
      originBytes: mediaBytes,
      neededBytes,
      offloadRatio: neededBytes === 0 ? 0 : 1 - mediaBytes / neededBytes,
    };
  });
}
