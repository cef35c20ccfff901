import { describe, expect, it } from "vitest";
import { cellOf, type SwarmRun } from "./cell.ts";
import type { ViewerReport } from "./stage/viewer-report.ts";

const viewer = (changes: Partial<ViewerReport> = {}): ViewerReport => ({
  startupMs: 200,
  positionS: 10,
  ended: false,
  deliveries: [
    { segment: "main 0 0", sizeBytes: 100, atMs: 1000 },
    { segment: "main 0 1", sizeBytes: 100, atMs: 2000 },
  ],
  stalls: 0,
  rebufferMs: 0,
  seekTimesMs: [],
  fatalErrors: [],
  latencySamplesS: [],
  levelSwitches: 0,
  played: [],
  channels: { receivedBytes: 110, sentBytes: 0 },
  claims: { peerBytes: 100, cdnBytes: 100, peers: 1, explain: "", warnings: [] },
  ...changes,
});

const run = (changes: Partial<SwarmRun>): SwarmRun => ({
  scene: "a scene",
  kind: "tributary",
  roots: "playlist",
  run: 1,
  wallSeconds: 45,
  beganAtMs: 1000,
  origin: { viewerBytes: 300, verifierBytes: 0 },
  samples: [{ atMs: 2000, mediaBytes: 300 }],
  cpuSeconds: 6,
  memoryBytes: 1000,
  viewers: [viewer(), viewer()],
  ...changes,
});

describe("the figures of one run", () => {
  it("take offload and waste from the origin and the channels, and keep the viewers' word beside them", () => {
    const cell = cellOf(run({}));
    expect(cell).toMatchObject({ offloadRatio: 0.25, ceilingRatio: 0.25 });
    expect(cell.wasteRatio).toBeCloseTo((300 + 220) / 400 - 1, 10);
    expect(cell.peerShareRatio).toBeCloseTo(220 / 520, 10);
    expect(cell.account).toMatchObject({ claimedCdnBytes: 200, claimedPeerBytes: 200, deliveredBytes: 400 });
  });

  it("lower offload by the verifier's copies, and the ceiling with them", () => {
    const cell = cellOf(run({ roots: "verifier", origin: { viewerBytes: 300, verifierBytes: 50 } }));
    expect(cell.offloadRatio).toBe(1 - 350 / 400);
    expect(cell.ceilingRatio).toBe(0);
    expect(cell.account?.originToVerifierBytes).toBe(50);
  });

  it("have no offload where nobody shares", () => {
    const plain = viewer({ claims: null, channels: { receivedBytes: 0, sentBytes: 0 } });
    const cell = cellOf(run({ kind: "plain", roots: null, viewers: [plain] }));
    expect(cell).toMatchObject({ offloadRatio: null, ceilingRatio: null, timeline: [] });
    expect(cell.wasteRatio).toBe(0.5);
  });

  it("add up stalls and fatal errors and do not hide a viewer that never started", () => {
    const bad = viewer({ stalls: 2, rebufferMs: 1500, fatalErrors: ["a", "b"], startupMs: null });
    expect(cellOf(run({ viewers: [bad, viewer({ stalls: 1 })] }))).toMatchObject({
      stalls: 3,
      rebufferSeconds: 1.5,
      fatalErrors: 2,
      startupsMs: [null, 200],
    });
  });

  it("take each viewer's latency without its first samples", () => {
    const settled = (seconds: number) => [0, 0, 0, 0, 0, seconds, seconds];
    const viewers = [viewer({ latencySamplesS: settled(12) }), viewer()];
    expect(cellOf(run({ viewers })).latenciesSeconds).toEqual([12, null]);
  });

  it("weigh the played bitrate by time on screen", () => {
    const played = [
      { bitrateBps: 500, durationS: 3 },
      { bitrateBps: 100, durationS: 1 },
    ];
    expect(cellOf(run({ viewers: [viewer({ played, levelSwitches: 1 }), viewer()] }))).toMatchObject({
      playedBps: 400,
      levelSwitchesPerViewer: 0.5,
    });
  });

  it("share CPU time and memory out among the viewers", () => {
    expect(cellOf(run({}))).toMatchObject({ cpuSecondsPerViewer: 3, memoryBytesPerViewer: 500 });
    expect(cellOf(run({ cpuSeconds: null })).cpuSecondsPerViewer).toBeNull();
  });
});
