/** A stretch of time in milliseconds. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** How much time at least one of the intervals covers. */
export function coveredMs(intervals: readonly Interval[]): number {
  let covered = 0;
  let reached = -Infinity;
  for (const { startMs, endMs } of intervals.toSorted((a, b) => a.startMs - b.startMs)) {
    covered += Math.max(0, endMs - Math.max(startMs, reached));
    reached = Math.max(reached, endMs);
  }
  return covered;
}

/** Arrivals closer than `gapMs` to each other are one stretch of activity. */
export function stretchesOf(arrivalsMs: readonly number[], gapMs: number): Interval[] {
  const stretches: { startMs: number; endMs: number }[] = [];
  for (const atMs of arrivalsMs) {
    const last = stretches.at(-1);
    if (last !== undefined && atMs - last.endMs <= gapMs) last.endMs = atMs;
    else stretches.push({ startMs: atMs, endMs: atMs });
  }
  return stretches;
}
