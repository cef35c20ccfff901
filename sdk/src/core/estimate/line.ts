/** Whether this viewer's own downlink carries more than what is watched, whoever sends. */
export interface Line {
  /** It does not: what comes from several sources takes the line from each other. */
  isSlow(nowMs: number): boolean;
  /** Until when it counts as slow, if nothing is seen before; -Infinity where it does not. */
  slowUntilMs(): number;
  /** When it was last seen to carry more, -Infinity for never. */
  seenAtMs(): number;
  /** Bits per second of the media that came lately, from whomever. */
  rateBps(nowMs: number): number;
  /** What the player takes, in bits per second. */
  watched(rateBps: number): void;
  /** How many times what is watched a rate is; Infinity before anything was. */
  roomIn(rateBps: number): number;
  /** Bytes of media came. */
  brought(bytes: number, nowMs: number): void;
  /** So much it carries and no more, in bits per second. */
  carries(rateBps: number, nowMs: number): void;
}

/** Room for what is watched, for what neighbours say besides, and for the next fall. */
export const roomFactor = 3;
/** It may have been the CDN that was slow, and then peers are needed all the more. */
const slowMs = 15_000;
/** A line that brings so much more than that many times what is watched is not slow; a piece may come in one burst. */
const excessBytes = 96 * 1024;
const excessFactor = 2;
const latelyMs = 1000;

export function createLine(): Line {
  let watchedBps = 0;
  let slowUntilMs = -Infinity;
  let seenAtMs = -Infinity;
  let level = 0;
  let levelAtMs = 0;
  /** Bytes that came, of which each counts less the longer ago that was. */
  let lately = 0;
  const decay = (nowMs: number) => lately * Math.exp((levelAtMs - nowMs) / latelyMs);

  return {
    isSlow: (nowMs) => nowMs < slowUntilMs,
    slowUntilMs: () => slowUntilMs,
    seenAtMs: () => seenAtMs,
    rateBps: (nowMs) => (decay(nowMs) * 8000) / latelyMs,
    watched(rateBps) {
      watchedBps = rateBps;
    },
    roomIn: (rateBps) => (watchedBps === 0 ? Infinity : rateBps / watchedBps),
    brought(bytes, nowMs) {
      const drainedBytes = (excessFactor * watchedBps * (nowMs - levelAtMs)) / 8000;
      level = Math.max(0, level - drainedBytes) + bytes;
      lately = decay(nowMs) + bytes;
      levelAtMs = nowMs;
      if (level < excessBytes) return;
      level = 0;
      seenAtMs = nowMs;
    },
    carries(rateBps, nowMs) {
      slowUntilMs = rateBps < roomFactor * watchedBps ? nowMs + slowMs : -Infinity;
    },
  };
}
