import { describe, expect, it } from "vitest";
import type { ViewerReport } from "../stage/viewer-report.ts";
import { swarmRow, type SwarmRun } from "./swarm-row.ts";

const viewer = (changes: Partial<ViewerReport> = {}): ViewerReport => ({
  startupMs: 200,
  positionS: 10,
  ended: false,
  deliveries: [
    { segment: "main 0 0", sizeBytes: 100 },
    { segment: "main 0 1", sizeBytes: 100 },
  ],
  stalls: 0,
  fatalErrors: [],
  latencySamplesS: [],
  engine: { peerBytes: 100, cdnBytes: 100, wastedBytes: 0, peers: 1, explain: "", warnings: [] },
  ...changes,
});

const run = (changes: Partial<SwarmRun>): SwarmRun => ({
  scene: "a scene",
  roots: "playlist",
  run: 1,
  measuredSeconds: 45,
  originMediaBytes: 300,
  cpuSeconds: 6,
  swarm: [viewer(), viewer()],
  plain: [],
  ...changes,
});

describe("a row of a swarm", () => {
  it("takes offload from the origin and keeps the SDK's claim beside it", () => {
    const row = swarmRow(run({}));
    expect(row).toMatchObject({ offloadRatio: 0.25, ceilingRatio: 0.25, claimedRatio: 0.5 });
  });

  it("adds up stalls and fatal errors and keeps the worst start", () => {
    const bad = viewer({ stalls: 2, fatalErrors: ["a", "b"], startupMs: 900 });
    expect(swarmRow(run({ swarm: [bad, viewer({ stalls: 1 })] }))).toMatchObject({
      stalls: 3,
      fatalErrors: 2,
      startupMedianMs: 550,
      startupMaxMs: 900,
    });
  });

  it("does not hide a viewer that never started", () => {
    expect(swarmRow(run({ swarm: [viewer({ startupMs: null })] })).startupMaxMs).toBe(Infinity);
  });

  it("compares latencies without the first samples, plain viewers left out of the offload", () => {
    const settled = (seconds: number) => [0, 0, 0, 0, 0, seconds, seconds];
    const row = swarmRow(
      run({
        swarm: [viewer({ latencySamplesS: settled(12) }), viewer({ latencySamplesS: settled(13) })],
        plain: [viewer({ latencySamplesS: settled(11), engine: null })],
      }),
    );
    expect(row.latencySeconds).toEqual({ tributary: 12.5, plain: 11 });
    expect(row.viewers).toBe(2);
    expect(row.neededBytes).toBe(400);
    expect(row.cpuSecondsPerViewer).toBe(2);
  });
});
