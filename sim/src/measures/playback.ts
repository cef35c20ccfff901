import type { Probe } from "../probe.ts";
import { round, spreadOf, type Spread } from "./figures.ts";

export interface PlaybackFigures {
  readonly startupMs: Spread;
  /** Time stalled over time played and stalled, startup and seeks excluded. */
  readonly rebufferRatio: number;
  readonly stalls: number;
  readonly viewersStalled: number;
  readonly seekMs: Spread;
  readonly failures: number;
}

export interface PlaybackMeasure extends Probe {
  figures(): PlaybackFigures;
}

/** What the viewers saw. */
export function measurePlayback(): PlaybackMeasure {
  const startups: number[] = [];
  const seekWaits: number[] = [];
  const stalledViewers = new Set<number>();
  let stalls = 0;
  let stalledMs = 0;
  let playedMs = 0;
  let failures = 0;
  return {
    started: (_, startupMs) => void startups.push(startupMs),
    stalled(viewer) {
      stalls += 1;
      stalledViewers.add(viewer);
    },
    resumed(_, waitedMs, reason) {
      if (reason === "stall") stalledMs += waitedMs;
      else seekWaits.push(waitedMs);
    },
    played: (_, ms) => void (playedMs += ms),
    failed: () => void (failures += 1),
    figures: () => ({
      startupMs: spreadOf(startups),
      rebufferRatio: playedMs === 0 ? 0 : round(stalledMs / (stalledMs + playedMs), 6),
      stalls,
      viewersStalled: stalledViewers.size,
      seekMs: spreadOf(seekWaits),
      failures,
    }),
  };
}
