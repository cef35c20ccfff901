import type { Cell } from "../cell.ts";

/** A run of four viewers in which nothing was special. */
export function cell(changes: Partial<Cell> = {}): Cell {
  return {
    scene: "live-4s",
    kind: "tributary",
    roots: "playlist",
    run: 1,
    viewers: 4,
    wallSeconds: 45,
    offloadRatio: 0.75,
    ceilingRatio: 0.8,
    peerShareRatio: 0.75,
    wasteRatio: 0.02,
    stalls: 0,
    rebufferSeconds: 0,
    fatalErrors: 0,
    startupsMs: [200, 210, 220, 230],
    latenciesSeconds: [12, 13, 14, 15],
    seekTimesMs: [],
    levelSwitchesPerViewer: 0,
    playedBps: 520_000,
    cpuSecondsPerViewer: 5,
    memoryBytesPerViewer: 100 * 2 ** 20,
    account: null,
    timeline: [
      { seconds: 0, originBytes: 0, neededBytes: 0, offloadRatio: 0 },
      { seconds: 40, originBytes: 25, neededBytes: 100, offloadRatio: 0.75 },
    ],
    ...changes,
  };
}

/** The same, with plain hls.js. */
export function plainCell(changes: Partial<Cell> = {}): Cell {
  return cell({
    kind: "plain",
    roots: null,
    offloadRatio: null,
    ceilingRatio: null,
    peerShareRatio: null,
    wasteRatio: 0,
    cpuSecondsPerViewer: 4,
    timeline: [],
    ...changes,
  });
}
