import type { Random } from "../random.ts";
import { bitrateBps, goodCdn, realPopulation, stay, type Scenario, type Visit } from "./scenario.ts";

const MIB = 1024 * 1024;
const segmentMs = 4000;

/** hls.js starts three segments, 12 s, behind the edge of a window of six. */
const live = {
  stream: {
    live: true,
    segmentMs,
    bitrateBps,
    segmentCount: 1000,
    windowCount: 6,
    rootsInPlaylist: true,
  },
  population: realPopulation,
  cdn: goodCdn,
  liarRatio: 0,
  // Twice the window: nobody asks for what the playlist has dropped.
  storageMaxBytes: 20 * MIB,
} as const;

const spread = (withinMs: number) => (viewers: number, random: Random) =>
  Array.from({ length: viewers }, () => stay(random.between(0, withinMs)));

export const liveDefault: Scenario = {
  ...live,
  name: "live",
  about: "a live stream of 4 s segments, uplinks as they are",
  runMs: 120_000,
  settledMs: 30_000,
  visits: spread(10_000),
};

export const liveLarge: Scenario = {
  ...live,
  name: "live-large",
  about: "a live stream of 4 s segments, all uplinks together 1.3 times what everybody watches",
  population: { ...realPopulation, supplyRatio: 1.3 },
  runMs: 600_000,
  settledMs: 60_000,
  visits: spread(30_000),
};

/** The same supply from lines as they are, as where each viewer's upload is limited: less of it is in few hands. */
export const liveLimited: Scenario = {
  ...liveLarge,
  name: "live-limited",
  about: "as live-large, the supply of 1.3 left by a limit on each uplink instead of by shrinking all",
  population: { ...liveLarge.population, supplyBy: "limit" },
};

/** A third leaves, half of them without a word, and as many come. */
export const churn: Scenario = {
  ...live,
  name: "churn",
  about: "a live stream, a third of the viewers leaving and as many arriving all the time",
  runMs: 180_000,
  settledMs: 30_000,
  visits(viewers, random) {
    const visits: Visit[] = [];
    for (let index = 0; index < viewers; index++) {
      const leaves = random.chance(1 / 3);
      const leaveMs = leaves ? random.between(20_000, 150_000) : Infinity;
      visits.push({ ...stay(random.between(0, 10_000)), leaveMs, abrupt: random.chance(0.5) });
      if (leaves) visits.push(stay(leaveMs + random.between(0, 10_000)));
    }
    return visits;
  },
};

/** As behind two caches that share no clock: who asks at once is told that there is no such segment. */
export const cdnLate: Scenario = {
  ...live,
  name: "cdn-late",
  about:
    "a live stream whose CDN answers 404 for the first 1.5 s of each segment, and refuses one request in 50",
  cdn: { ...goodCdn, lateMs: 1500, errorRatio: 0.02 },
  runMs: 120_000,
  settledMs: 30_000,
  visits: spread(10_000),
};

export const liars: Scenario = {
  ...live,
  name: "liars",
  about: "a live stream, one viewer in five forging bytes or lists, or sending nothing it promised",
  liarRatio: 0.2,
  runMs: 120_000,
  settledMs: 30_000,
  visits: spread(10_000),
};

export const nat: Scenario = {
  ...live,
  name: "nat",
  about: "a live stream, four viewers in ten behind a hard NAT, one in ten without UDP",
  population: { ...realPopulation, hardNatRatio: 0.4, blockedNatRatio: 0.1 },
  runMs: 120_000,
  settledMs: 30_000,
  visits: spread(10_000),
};

/** The bench's scene of that name: a low bitrate, so that a segment has few pieces, and some uplinks that take 2 s for one. */
export const limitedUplinks: Scenario = {
  ...live,
  name: "limited-uplinks",
  about:
    "a live stream of 480 kbit/s, uplinks from 250 to 1,400 kbit/s that add up to 1.3 times what is watched",
  stream: { ...live.stream, bitrateBps: 480_000 },
  population: {
    ...realPopulation,
    bitrateBps: 480_000,
    given: {
      upBps: [250_000, 1_400_000, 250_000, 750_000, 350_000, 1_000_000, 500_000, 500_000],
      downBps: 10_000_000,
    },
  },
  runMs: 120_000,
  settledMs: 20_000,
  visits: (viewers) => Array.from({ length: viewers }, (_, index) => stay(index * 500)),
};
