/** A live stream that repeats a fixture without end. All times are on one clock, in milliseconds. */
export interface LiveClock {
  /** When segment 0 began to be recorded. */
  readonly startMs: number;
  readonly segmentMs: number;
  /** Segments in one round of the fixture; a discontinuity stands before every later round. */
  readonly roundCount: number;
  /** Complete segments that the playlist lists. */
  readonly windowCount: number;
}

export interface LiveWindow {
  readonly firstSequence: number;
  /** Last complete segment. */
  readonly lastSequence: number;
  readonly discontinuitySequence: number;
}

/** How long a segment stays at the origin after it left the playlist: slow clients still ask for it. */
const GRACE_WINDOWS = 2;

/** Backdates the start so that the window is full at once. */
export function startClock(nowMs: number, shape: Omit<LiveClock, "startMs">): LiveClock {
  return { ...shape, startMs: nowMs - shape.windowCount * shape.segmentMs };
}

export function windowAt(clock: LiveClock, nowMs: number): LiveWindow {
  const completeCount = Math.floor((nowMs - clock.startMs) / clock.segmentMs);
  const firstSequence = Math.max(0, completeCount - clock.windowCount);
  return {
    firstSequence,
    lastSequence: completeCount - 1,
    discontinuitySequence: discontinuitiesBefore(clock, firstSequence),
  };
}

/** Discontinuity tags that have left a playlist which now begins with `sequence`. */
function discontinuitiesBefore(clock: LiveClock, sequence: number): number {
  return sequence === 0 ? 0 : Math.floor((sequence - 1) / clock.roundCount);
}

export function isDiscontinuity(clock: LiveClock, sequence: number): boolean {
  return sequence > 0 && sequence % clock.roundCount === 0;
}

/** Which segment of the fixture plays as `sequence`. */
export function fixtureIndex(clock: LiveClock, sequence: number): number {
  return sequence % clock.roundCount;
}

export function isServed(clock: LiveClock, sequence: number, nowMs: number): boolean {
  const { firstSequence, lastSequence } = windowAt(clock, nowMs);
  return sequence <= lastSequence && sequence >= firstSequence - GRACE_WINDOWS * clock.windowCount;
}

/** When the part (or, past its last part, the segment) is complete. */
export function partReadyMs(clock: LiveClock, sequence: number, part: number, partMs: number): number {
  return clock.startMs + sequence * clock.segmentMs + (part + 1) * partMs;
}
