import { setTimeout as pass } from "node:timers/promises";
import { median, ratioOfMedians, seededRandom } from "../figures/statistics.ts";
import type { StartupRow } from "../row.ts";
import { withStage, type Stage, type Viewer, type ViewerKind } from "../stage/stage.ts";
import type { ViewerReport } from "../stage/viewer-report.ts";
import type { Scene } from "./scene.ts";

const SWARM_COUNT = 4;
const SWARM_JOIN_INTERVAL_MS = 1500;
/** Enough for all of the sample stream that hls.js wants to hold at first. */
const SWARM_SEGMENTS_MIN = 8;
/** How long a Tributary start is watched for its first bytes from a peer. */
const PEER_BYTES_LIMIT_MS = 8_000;

/** How fast the first frame plays, plain and with Tributary in turn, beside a swarm that is ready to serve. */
export const startupScene: Scene = {
  name: "startup",
  run: ({ roots, run, options, viewerPage, say }) =>
    withStage({ stream: "vod-ts", roots, viewerPage }, async (stage) => {
      const random = seededRandom(options.seed + run);
      await raiseSwarm(stage, say);
      const reports: Record<ViewerKind, ViewerReport[]> = { plain: [], tributary: [] };
      for (let pair = 1; pair <= options.starts; pair++) {
        const order: ViewerKind[] = random() < 0.5 ? ["plain", "tributary"] : ["tributary", "plain"];
        for (const kind of order) reports[kind].push(await oneStart(stage, kind));
        if (pair % 5 === 0) say(`${pair} of ${options.starts} starts of each kind`);
      }
      return startupRow(reports, { roots, run, random });
    }),
};

async function raiseSwarm(stage: Stage, say: (line: string) => void): Promise<void> {
  const swarm: Viewer[] = [];
  while (swarm.length < SWARM_COUNT) {
    const viewer = await stage.prepare("tributary");
    swarm.push(viewer);
    await viewer.start();
    await pass(SWARM_JOIN_INTERVAL_MS);
  }
  const isReady = ({ deliveries, engine }: ViewerReport) =>
    deliveries.length >= SWARM_SEGMENTS_MIN && (engine?.peers ?? 0) >= 1;
  for (const viewer of swarm) await viewer.until("links and segments", isReady);
  say(`${SWARM_COUNT} viewers are up, starting others beside them`);
}

async function oneStart(stage: Stage, kind: ViewerKind): Promise<ViewerReport> {
  const viewer = await stage.prepare(kind);
  await viewer.start();
  let report = await viewer.until("first frame", ({ startupMs }) => startupMs !== null);
  if (kind === "tributary") {
    const limit = performance.now() + PEER_BYTES_LIMIT_MS;
    while (report.engine?.peerBytes === 0 && performance.now() < limit) {
      await pass(100);
      report = await viewer.report();
    }
  }
  await viewer.leave();
  return report;
}

function startupRow(
  { plain, tributary }: Record<ViewerKind, readonly ViewerReport[]>,
  given: { roots: StartupRow["roots"]; run: number; random: () => number },
): StartupRow {
  const times = (reports: readonly ViewerReport[]) => reports.map(({ startupMs }) => startupMs ?? Infinity);
  return {
    kind: "startup",
    scene: startupScene.name,
    roots: given.roots,
    run: given.run,
    starts: tributary.length,
    plainMedianMs: median(times(plain)),
    tributaryMedianMs: median(times(tributary)),
    ratio: ratioOfMedians(times(tributary), times(plain), given.random),
    startsWithPeers: tributary.filter(({ engine }) => (engine?.peerBytes ?? 0) > 0).length,
    stalls: tributary.reduce((sum, { stalls }) => sum + stalls, 0),
    fatalErrors: tributary.reduce((sum, { fatalErrors }) => sum + fatalErrors.length, 0),
  };
}
