import type { Scene } from "./scene.ts";
import { startupScene } from "./startup-scene.ts";
import { swarmScene } from "./swarm-scene.ts";

/** The sample VOD lasts 60 s, so that it is still playing for everybody when a VOD scene ends. */
const VOD = { stream: "vod-ts", measureSeconds: 45, plainCount: 0 } as const;

export const SCENES: readonly Scene[] = [
  swarmScene({ ...VOD, name: "vod-staggered", viewersCount: 6, joinIntervalMs: 1500 }),
  swarmScene({ ...VOD, name: "vod-staggered-10", viewersCount: 10, joinIntervalMs: 1500 }),
  swarmScene({ ...VOD, name: "vod-at-once", viewersCount: 10, joinIntervalMs: 0 }),
  swarmScene({
    name: "live",
    stream: "live-ts",
    viewersCount: 6,
    joinIntervalMs: 1500,
    measureSeconds: 60,
    plainCount: 3,
  }),
  startupScene,
];
