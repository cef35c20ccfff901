import { neededBytes, offloadCeiling, offloadRatio, type RootsMode } from "../figures/offload.ts";
import { median } from "../figures/statistics.ts";
import type { SwarmRow } from "../row.ts";
import type { ViewerReport } from "../stage/viewer-report.ts";

export interface SwarmRun {
  readonly scene: string;
  readonly roots: RootsMode;
  readonly run: number;
  readonly measuredSeconds: number;
  readonly originMediaBytes: number;
  readonly cpuSeconds: number | null;
  /** Viewers of ours. */
  readonly swarm: readonly ViewerReport[];
  /** Plain hls.js beside them, for its latency alone. */
  readonly plain: readonly ViewerReport[];
}

/** Samples right after a start show the seek to the live position, not the latency that is kept. */
const LATENCY_WARM_UP_SAMPLES = 5;

export function swarmRow(run: SwarmRun): SwarmRow {
  const { swarm, plain, roots } = run;
  const deliveries = swarm.map((viewer) => viewer.deliveries);
  const startups = swarm.map((viewer) => viewer.startupMs ?? Infinity);
  return {
    kind: "swarm",
    scene: run.scene,
    roots,
    run: run.run,
    viewers: swarm.length,
    measuredSeconds: run.measuredSeconds,
    offloadRatio: offloadRatio(run.originMediaBytes, deliveries),
    ceilingRatio: offloadCeiling(deliveries, roots),
    claimedRatio: claimedRatio(swarm),
    originMediaBytes: run.originMediaBytes,
    neededBytes: neededBytes(deliveries),
    stalls: swarm.reduce((sum, viewer) => sum + viewer.stalls, 0),
    fatalErrors: swarm.reduce((sum, viewer) => sum + viewer.fatalErrors.length, 0),
    startupMedianMs: median(startups),
    startupMaxMs: Math.max(...startups),
    latencySeconds:
      plain.length === 0 ? null : { tributary: medianLatency(swarm), plain: medianLatency(plain) },
    cpuSecondsPerViewer: run.cpuSeconds === null ? null : run.cpuSeconds / (swarm.length + plain.length),
  };
}

function claimedRatio(swarm: readonly ViewerReport[]): number {
  const sum = (pick: "peerBytes" | "cdnBytes") =>
    swarm.reduce((total, viewer) => total + (viewer.engine?.[pick] ?? 0), 0);
  const all = sum("peerBytes") + sum("cdnBytes");
  return all === 0 ? 0 : sum("peerBytes") / all;
}

/** Each viewer counts once, however many samples it has. */
function medianLatency(viewers: readonly ViewerReport[]): number {
  return median(viewers.map((viewer) => median(viewer.latencySamplesS.slice(LATENCY_WARM_UP_SAMPLES))));
}
