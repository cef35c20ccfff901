import type { LinkRates } from "../network/namespaces.ts";
import { churn, narrowLinks, seeks } from "./acts.ts";
import type { Scene } from "./scene.ts";
import { startupScene } from "./startup-scene.ts";
import { swarmScene } from "./swarm-scene.ts";
import { transportScene } from "./transport-scene.ts";

/** The sample VOD lasts 60 s: still playing for everybody when such a scene ends, and loaded to its end by then. */
const VOD = { stream: "vod-ts", measureSeconds: 45 } as const;
/** Two minutes: a joiner's first segment weighs as little as in a short film rather than as in a trailer. */
const LONG_VOD = { stream: "vod-long", measureSeconds: 45, viewersCount: 10 } as const;
const LIVE = { stream: "live-ts", liveSegmentMs: 4000, joinIntervalMs: 500, measureSeconds: 40 } as const;

/** The mean rate of the sample stream's best rendition. */
const BITRATE_BPS = 480_000;

/** 1.3 times what the viewers of the scene watch, very unevenly spread, as uplinks are. */
const UPLINKS_BPS = [250_000, 1_400_000, 250_000, 750_000, 350_000, 1_000_000, 500_000, 500_000] as const;
const DOWNLINK_BPS = 10_000_000;

const WIDE: LinkRates = { upBps: 3_000_000, downBps: 3_000_000 };
/** Enough for the smallest of the three renditions, not for the others. */
const NARROW: LinkRates = { upBps: 3_000_000, downBps: 250_000 };

export const SCENES: readonly Scene[] = [
  swarmScene({
    ...LONG_VOD,
    name: "vod-staggered-10",
    title: "VOD of 2 minutes, 10 viewers joining 1.5 s apart, 45 s after the last",
    joinIntervalMs: 1500,
  }),
  swarmScene({
    ...LONG_VOD,
    name: "vod-at-once",
    title: "VOD of 2 minutes, 10 viewers joining at once, 45 s",
    joinIntervalMs: 0,
  }),
  swarmScene({
    ...LIVE,
    name: "live-4s",
    title: "live, 4 s segments, hls.js's default latency, 8 viewers joining 0.5 s apart, 40 s after the last",
    viewersCount: 8,
  }),
  swarmScene({
    ...LIVE,
    name: "live-2s",
    title: "live, 2 s segments, hls.js's default latency, 8 viewers joining 0.5 s apart, 40 s after the last",
    stream: "live-ts-2s",
    liveSegmentMs: 2000,
    viewersCount: 8,
  }),
  startupScene,
  swarmScene({
    ...VOD,
    name: "vod-staggered",
    title: "VOD of 1 minute, 6 viewers joining 1.5 s apart, 45 s after the last",
    viewersCount: 6,
    joinIntervalMs: 1500,
  }),
  swarmScene({
    ...LIVE,
    name: "live",
    title: "live, 4 s segments, 6 viewers joining 1.5 s apart, 60 s after the last",
    viewersCount: 6,
    joinIntervalMs: 1500,
    measureSeconds: 60,
  }),
  swarmScene({
    ...LIVE,
    name: "live-ll",
    title:
      "LL-HLS, 1 s parts, 6 viewers joining 0.5 s apart, 40 s after the last; a part counts as a segment",
    stream: "ll",
    viewersCount: 6,
  }),
  swarmScene({
    ...VOD,
    name: "slow-origin",
    title:
      "VOD, the origin sends 1.5 times the bitrate per request, 8 viewers joining 1.5 s apart, 45 s after the last",
    viewersCount: 8,
    joinIntervalMs: 1500,
    faults: [{ match: "\\.ts$", bytesPerSecond: (1.5 * BITRATE_BPS) / 8 }],
  }),
  swarmScene({
    ...LIVE,
    name: "limited-uplinks",
    title: `live, 4 s segments, 8 viewers with uplinks of ${UPLINKS_BPS.map((bps) => bps / 1000).join(", ")} kbit/s (1.3 times what they watch) and ${DOWNLINK_BPS / 1e6} Mbit/s down, each in a network namespace and a browser of its own, 40 s`,
    viewersCount: UPLINKS_BPS.length,
    links: UPLINKS_BPS.map((upBps) => ({ upBps, downBps: DOWNLINK_BPS })),
  }),
  swarmScene({
    ...LIVE,
    name: "churn",
    title:
      "live, 4 s segments, 9 viewers; a third close their tabs after 13 s, as many others join at 20 s, 40 s in all",
    viewersCount: 9,
    understudiesCount: 3,
    act: churn,
  }),
  swarmScene({
    ...VOD,
    name: "seeks",
    title:
      "VOD, 6 viewers joining 0.5 s apart; each seeks ahead of its buffer and back to where it never was, 30 s",
    viewersCount: 6,
    joinIntervalMs: 500,
    measureSeconds: 30,
    act: seeks,
  }),
  swarmScene({
    ...LIVE,
    name: "abr",
    title: `live, three renditions, 6 viewers whose downlinks go from ${WIDE.downBps / 1e6} Mbit/s to ${NARROW.downBps / 1000} kbit/s and back, each in a network namespace and a browser of its own, 60 s`,
    stream: "live-abr",
    viewersCount: 6,
    measureSeconds: 60,
    links: Array.from({ length: 6 }, () => WIDE),
    act: narrowLinks(WIDE, NARROW),
  }),
  transportScene,
];
