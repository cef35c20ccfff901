import { setTimeout as pass } from "node:timers/promises";
import type { Cell } from "../cell.ts";
import type { RootsMode } from "../figures/offload.ts";
import { seededRandom, shuffled } from "../figures/statistics.ts";
import { KINDS, type KindName, type Variant } from "../kinds.ts";
import { withStage, type Stage } from "../stage/stage.ts";
import type { Viewer } from "../stage/viewer.ts";
import type { ViewerReport } from "../stage/viewer-report.ts";
import type { RunContext, Scene } from "./scene.ts";

const SWARM_COUNT = 4;
const SWARM_JOIN_INTERVAL_MS = 1500;
/** Enough for all of the sample stream that hls.js wants to hold at first. */
const SWARM_SEGMENTS_MIN = 4;
/** How long a start in a swarm is watched for its first bytes from a peer. */
const PEER_BYTES_LIMIT_MS = 4_000;
const SECONDS_PER_START = 1.5;

/** How fast the first frame plays, each kind in turn, beside swarms that are ready to serve. */
export const startupScene: Scene = {
  name: "startup",
  title: `starts of each kind in turn, in random order, each in a fresh browser context, beside ${SWARM_COUNT} viewers of its own swarm`,
  ceiling: null,
  obstacle: () => null,
  plannedSeconds: ({ variants, options }) => {
    const swarms = new Set(variants.map(({ kind }) => KINDS[kind].swarm)).size - 1;
    return (
      12 +
      (swarms * SWARM_COUNT * SWARM_JOIN_INTERVAL_MS) / 1000 +
      variants.length * options.starts * SECONDS_PER_START
    );
  },
  async run(context, onResult) {
    for (const [roots, variants] of byRoots(context.variants))
      for (const cell of await runOnce(roots, variants, context)) onResult(cell);
  },
};

/** A stage has one source of roots, so Tributary's second one has a stage of its own, with plain hls.js beside it. */
function byRoots(variants: readonly Variant[]): Map<RootsMode | null, readonly Variant[]> {
  const modes = variants.flatMap(({ roots }) => roots ?? []);
  const [first = null, ...others] = modes;
  const parts = new Map<RootsMode | null, readonly Variant[]>();
  parts.set(
    first,
    variants.filter(({ roots }) => roots === null || roots === first),
  );
  for (const mode of others) {
    const isNeeded = ({ kind, roots }: Variant) => kind === "plain" || roots === mode;
    parts.set(mode, variants.filter(isNeeded));
  }
  return parts;
}

async function runOnce(
  roots: RootsMode | null,
  variants: readonly Variant[],
  { run, options, viewerPages, say }: RunContext,
): Promise<Cell[]> {
  const kinds = variants.map(({ kind }) => kind);
  return withStage({ kinds, stream: "vod-ts", roots, viewerPages }, async (stage) => {
    const random = seededRandom(options.seed + run);
    for (const swarm of ["tributary", "p2pml"] as const)
      if (kinds.some((kind) => KINDS[kind].swarm === swarm)) await raiseSwarm(stage, swarm, say);
    const reports = new Map<KindName, ViewerReport[]>(kinds.map((kind) => [kind, []]));
    for (let round = 1; round <= options.starts; round++) {
      for (const kind of shuffled(kinds, random)) reports.get(kind)!.push(await oneStart(stage, kind));
      if (round % 5 === 0) say(`${round} of ${options.starts} starts of each kind`);
    }
    return variants.map((variant) => startupCell(variant, run, reports.get(variant.kind)!));
  });
}

async function raiseSwarm(stage: Stage, kind: KindName, say: (line: string) => void): Promise<void> {
  const swarm: Viewer[] = [];
  while (swarm.length < SWARM_COUNT) {
    const viewer = await stage.prepare(kind);
    swarm.push(viewer);
    await viewer.start();
    await pass(SWARM_JOIN_INTERVAL_MS);
  }
  const isReady = ({ deliveries, claims }: ViewerReport) =>
    deliveries.length >= SWARM_SEGMENTS_MIN && (claims?.peers ?? 0) >= 1;
  for (const viewer of swarm) await viewer.until("links and segments", isReady);
  say(`${SWARM_COUNT} ${kind} viewers are up, starting others beside them`);
}

async function oneStart(stage: Stage, kind: KindName): Promise<ViewerReport> {
  const viewer = await stage.prepare(kind);
  await viewer.start();
  let report = await viewer.until("first frame", ({ startupMs }) => startupMs !== null);
  const limit = performance.now() + PEER_BYTES_LIMIT_MS;
  while (report.claims?.peerBytes === 0 && performance.now() < limit) {
    await pass(100);
    report = await viewer.report();
  }
  await viewer.leave();
  return report;
}

function startupCell({ kind, roots }: Variant, run: number, reports: readonly ViewerReport[]): Cell {
  return {
    scene: startupScene.name,
    kind,
    roots,
    run,
    viewers: reports.length,
    wallSeconds: 0,
    offloadRatio: null,
    ceilingRatio: null,
    peerShareRatio: null,
    wasteRatio: null,
    stalls: null,
    rebufferSeconds: null,
    fatalErrors: reports.reduce((sum, { fatalErrors }) => sum + fatalErrors.length, 0),
    startupsMs: reports.map(({ startupMs }) => startupMs),
    startsWithPeers: reports.filter(({ claims }) => (claims?.peerBytes ?? 0) > 0).length,
    latenciesSeconds: [],
    seekTimesMs: [],
    levelSwitchesPerViewer: null,
    playedBps: null,
    cpuSecondsPerViewer: null,
    memoryBytesPerViewer: null,
    account: null,
    timeline: [],
  };
}
