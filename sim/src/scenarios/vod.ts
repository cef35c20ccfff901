import type { Random } from "../random.ts";
import { bitrateBps, goodCdn, realPopulation, stay, type Scenario } from "./scenario.ts";

const MIB = 1024 * 1024;
const segmentMs = 4000;

const vod = {
  stream: {
    live: false,
    segmentMs,
    bitrateBps,
    segmentCount: 150,
    windowCount: 0,
    rootsInPlaylist: true,
  },
  population: realPopulation,
  cdn: goodCdn,
  liarRatio: 0,
  storageMaxBytes: 192 * MIB,
} as const;

const arrivalStepMs = 1500;

/** The bench's scene at any size: each viewer 1.5 s after the one before, at most a minute in all. */
export const vodStaggered: Scenario = {
  ...vod,
  name: "vod-staggered",
  about: "one title, viewers arriving one after another",
  runMs: 120_000,
  settledMs: 70_000,
  visits: (viewers) => {
    const step = Math.min(arrivalStepMs, 60_000 / viewers);
    return Array.from({ length: viewers }, (_, index) => stay(index * step));
  },
};

export const vodAtOnce: Scenario = {
  ...vod,
  name: "vod-at-once",
  about: "one title, everybody presses play within 300 ms",
  runMs: 90_000,
  settledMs: 10_000,
  visits: (viewers, random) => Array.from({ length: viewers }, () => stay(random.between(0, 300))),
};

/** Not at the very end of a segment: hls.js begins with the next one there. */
const seekTarget = (random: Random) =>
  random.below(vod.stream.segmentCount - 15) * segmentMs + random.between(0, segmentMs - 1000);

export const seeks: Scenario = {
  ...vod,
  name: "seeks",
  about: "one title, everybody jumps about every half minute",
  runMs: 180_000,
  settledMs: 70_000,
  visits: (viewers, random) =>
    Array.from({ length: viewers }, () => {
      const arriveMs = random.between(0, 45_000);
      const jumps = [];
      for (let atMs = arriveMs + random.between(5_000, 60_000); atMs < 180_000;) {
        jumps.push({ atMs, toMs: seekTarget(random) });
        atMs += random.between(5_000, 55_000);
      }
      return { ...stay(arriveMs), seeks: jumps };
    }),
};

const slowBitrateBps = 480_000;

/** The bench's scene of that name: a short title, and neighbours near by who are far faster than the CDN. */
export const cdnSlow: Scenario = {
  ...vod,
  name: "cdn-slow",
  about: "a title of a minute, 1.5 times the bitrate for each request to the CDN, one request in 200 refused",
  stream: { ...vod.stream, bitrateBps: slowBitrateBps, segmentCount: 15 },
  population: {
    ...realPopulation,
    bitrateBps: slowBitrateBps,
    given: { upBps: [20_000_000], downBps: 50_000_000 },
  },
  cdn: { ...goodCdn, firstByteMs: 80, requestBps: 1.5 * slowBitrateBps, errorRatio: 0.005 },
  runMs: 90_000,
  settledMs: 30_000,
  visits: vodStaggered.visits,
};
