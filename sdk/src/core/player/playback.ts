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
  /** The stretch that the player was given last, and when it got its first segment. */
  given: { readonly startMs: number; readonly endMs: number; readonly atMs: number } | null;
}

/** Two segments are one stretch where no more than this lies between them. */
const gapMaxMs = 500;

export function createPlayback(): Playback {
  return {
    positionMs: 0,
    rate: 1,
    bufferedEndMs: 0,
    paused: false,
    hidden: false,
    reportedAtMs: 0,
    appendMarginMs: appendMarginMinMs,
    given: null,
  };
}

/** The player got a segment: it says only later that it has it in its buffer. */
export function gave(playback: Playback, { startMs, durationMs }: SegmentInfo, nowMs: number): void {
  const { given } = playback;
  const endMs = startMs + durationMs;
  playback.given =
    given !== null && continues(given, startMs) ? { ...given, endMs } : { startMs, endMs, atMs: nowMs };
}

function continues({ endMs }: { readonly endMs: number }, startMs: number): boolean {
  return Math.abs(startMs - endMs) <= gapMaxMs;
}

/** @param tookMs from the first segment's last byte to the first frame: how fast this machine is at the moment */
export function firstFrameTook(playback: Playback, tookMs: number): void {
  playback.appendMarginMs = Math.min(Math.max(tookMs, appendMarginMinMs), appendMarginMaxMs);
}

/** When the player got what it needs to go on until this segment, null where it has not got that. */
function givenAtMs({ given, positionMs }: Playback, { startMs }: SegmentInfo): number | null {
  if (given === null || !continues(given, startMs)) return null;
  return positionMs >= given.startMs - gapMaxMs && positionMs < given.endMs ? given.atMs : null;
}

/**
 * When this segment's bytes must be with the player: (start - position) / rate from the last report on, less
 * the time to append it. With nothing buffered at the playhead the player is already waiting: now, unless it was just
 * given what comes before this.
 */
export function deadlineOf(playback: Playback, segment: SegmentInfo, nowMs: number): number {
  const { positionMs, bufferedEndMs, reportedAtMs } = playback;
  const sinceMs = bufferedEndMs > positionMs ? reportedAtMs : givenAtMs(playback, segment);
  if (sinceMs === null) return nowMs;
  const rate = Math.max(playback.rate, 0.1);
  const startsAtMs = sinceMs + (segment.startMs - positionMs) / rate;
  const margin = playback.appendMarginMs + (playback.hidden ? hiddenMarginMs : 0);
  return Math.max(startsAtMs - margin, nowMs);
}
