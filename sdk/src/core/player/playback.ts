import { appendMarginMaxMs, appendMarginMinMs, hiddenMarginMs } from "../limits.ts";
import type { SegmentInfo } from "../model.ts";

/** Where the player is, as last reported. */
export interface Playback {
  positionMs: number;
  rate: number;
  bufferedEndMs: number;
  paused: boolean;
  hidden: boolean;
  reportedAtMs: number;
  /** From a segment's last byte until it can be played. */
  appendMarginMs: number;
}

export function createPlayback(): Playback {
  return {
    positionMs: 0,
    rate: 1,
    bufferedEndMs: 0,
    paused: false,
    hidden: false,
    reportedAtMs: 0,
    appendMarginMs: appendMarginMinMs,
  };
}

/** @param tookMs from the first segment's last byte to the first frame: how fast this machine is at the moment */
export function firstFrameTook(playback: Playback, tookMs: number): void {
  playback.appendMarginMs = Math.min(Math.max(tookMs, appendMarginMinMs), appendMarginMaxMs);
}

/**
 * When this segment's bytes must be with the player: (start - position) / rate from the last report on, less
 * the time to append it. With nothing buffered at the playhead the player is already waiting: now.
 */
export function deadlineOf(playback: Playback, segment: SegmentInfo, nowMs: number): number {
  if (playback.bufferedEndMs <= playback.positionMs) return nowMs;
  const rate = Math.max(playback.rate, 0.1);
  const startsAtMs = playback.reportedAtMs + (segment.startMs - playback.positionMs) / rate;
  const margin = playback.appendMarginMs + (playback.hidden ? hiddenMarginMs : 0);
  return Math.max(startsAtMs - margin, nowMs);
}
