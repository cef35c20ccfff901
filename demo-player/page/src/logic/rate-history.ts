import type { SourceBytes } from "./totals.ts";

/** Media per second over the last while, from running totals: what the chart draws. */
export interface RateHistory {
  record(total: SourceBytes, nowMs: number): void;
  /** Oldest first, one entry per recorded total inside the span. */
  rates(): readonly RatePoint[];
  clear(): void;
}

export interface RatePoint {
  readonly atMs: number;
  readonly peerBps: number;
  readonly cdnBps: number;
}

interface Sample extends SourceBytes {
  readonly atMs: number;
}

export const HISTORY_MS = 90_000;
/** Two segments long: shorter windows show the rhythm of segments instead of the flow. */
const WINDOW_MS = 8_000;

export function createRateHistory(): RateHistory {
  let samples: Sample[] = [];
  return {
    record(total, nowMs) {
      samples.push({ ...total, atMs: nowMs });
      samples = samples.filter((sample) => sample.atMs >= nowMs - HISTORY_MS - WINDOW_MS);
    },
    rates() {
      const newestMs = samples[samples.length - 1]?.atMs ?? 0;
      let oldest = 0;
      const points: RatePoint[] = [];
      for (const sample of samples) {
        while (samples[oldest + 1] && samples[oldest]!.atMs < sample.atMs - WINDOW_MS) oldest++;
        const since = samples[oldest]!;
        if (sample.atMs < newestMs - HISTORY_MS) continue;
        // The first seconds divide by the whole window: a burst at the start is no lasting rate.
        const toBps = 8_000 / Math.max(WINDOW_MS, sample.atMs - since.atMs);
        points.push({
          atMs: sample.atMs,
          peerBps: Math.max(0, sample.peerBytes - since.peerBytes) * toBps,
          cdnBps: Math.max(0, sample.cdnBytes - since.cdnBytes) * toBps,
        });
      }
      return points;
    },
    clear() {
      samples = [];
    },
  };
}

export interface ChartPaths {
  readonly cdn: string;
  readonly peers: string;
  readonly topBps: number;
}

/** Two stacked areas in a box of the given size: the CDN at the bottom, the peers on it; now is at the right edge. */
export function chartPaths(
  points: readonly RatePoint[],
  nowMs: number,
  width: number,
  height: number,
): ChartPaths {
  const topBps = niceTop(Math.max(0, ...points.map((point) => point.peerBps + point.cdnBps)));
  if (points.length < 2) return { cdn: "", peers: "", topBps };
  const x = (point: RatePoint) => (width * (1 - (nowMs - point.atMs) / HISTORY_MS)).toFixed(1);
  const y = (bps: number) => (height * (1 - bps / topBps)).toFixed(1);
  const line = (level: (point: RatePoint) => number, order: readonly RatePoint[]) =>
    order.map((point) => `${x(point)} ${y(level(point))}`).join("L");
  const back = [...points].reverse();
  const cdn = (point: RatePoint) => point.cdnBps;
  const all = (point: RatePoint) => point.cdnBps + point.peerBps;
  return {
    cdn: `M${line(cdn, points)}L${line(() => 0, back)}Z`,
    peers: `M${line(all, points)}L${line(cdn, back)}Z`,
    topBps,
  };
}

/** The next of 1, 2, 5, 10, ... Mbit/s above the value, so that the scale rarely jumps. */
function niceTop(bps: number): number {
  let top = 1_000_000;
  for (let step = 0; top < bps; step++) top *= step % 3 === 1 ? 2.5 : 2;
  return top;
}
