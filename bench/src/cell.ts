import { deliveredBytes } from "./figures/delivery.ts";
import { neededBytes, offloadCeiling, offloadRatio, type RootsMode } from "./figures/offload.ts";
import { mean, median } from "./figures/statistics.ts";
import { timelineOf, type OriginSample, type TimelinePoint } from "./figures/timeline.ts";
import type { KindName } from "./kinds.ts";
import type { ViewerReport } from "./stage/viewer-report.ts";

/** What one run of one scene with one kind of viewer has seen, before anything is computed from it. */
export interface SwarmRun {
  readonly scene: string;
  readonly kind: KindName;
  readonly roots: RootsMode | null;
  readonly run: number;
  readonly wallSeconds: number;
  /** Wall clock of the first join. */
  readonly beganAtMs: number;
  /** Segments and parts that the origin sent, init segments left out, as no player reports those. */
  readonly origin: { readonly viewerBytes: number; readonly verifierBytes: number };
  readonly samples: readonly OriginSample[];
  readonly cpuSeconds: number | null;
  readonly memoryBytes: number | null;
  /** In the order of joining, those that left included. */
  readonly viewers: readonly ViewerReport[];
}

/** One run's figures. Null where a scene or a kind has no such figure. */
export interface Cell {
  readonly scene: string;
  readonly kind: KindName;
  readonly roots: RootsMode | null;
  readonly run: number;
  readonly viewers: number;
  readonly wallSeconds: number;
  /** Counted at the origin: verifier, hedges and aborted transfers included. Null for plain hls.js. */
  readonly offloadRatio: number | null;
  readonly ceilingRatio: number | null;
  /** Of all bytes that came to the viewers, needed or not, those over data channels. */
  readonly peerShareRatio: number | null;
  /** Bytes that came to the viewers and that no player was given, per byte that one was given. */
  readonly wasteRatio: number | null;
  readonly stalls: number | null;
  readonly rebufferSeconds: number | null;
  readonly fatalErrors: number;
  /** One for each viewer, null for one that never started. */
  readonly startupsMs: readonly (number | null)[];
  /** Starts whose viewer went on to get bytes from peers; absent outside the scene that is about starts. */
  readonly startsWithPeers?: number;
  /** Each viewer's median, null where it has none. */
  readonly latenciesSeconds: readonly (number | null)[];
  readonly seekTimesMs: readonly number[];
  readonly levelSwitchesPerViewer: number | null;
  readonly playedBps: number | null;
  /** The browser's whole process tree from the first join to the end. Null without /proc. */
  readonly cpuSecondsPerViewer: number | null;
  readonly memoryBytesPerViewer: number | null;
  readonly account: Account | null;
  readonly timeline: readonly TimelinePoint[];
}

/** The origin's log beside what the viewers say, so that each can be checked against the other. */
export interface Account {
  readonly originToViewersBytes: number;
  readonly originToVerifierBytes: number;
  /** What came over data channels, protocol overhead included. */
  readonly channelsReceivedBytes: number;
  readonly channelsSentBytes: number;
  /** Everything that the players were given, repeats included. */
  readonly deliveredBytes: number;
  readonly neededBytes: number;
  /** What the engines say of themselves; null for plain hls.js. */
  readonly claimedCdnBytes: number | null;
  readonly claimedPeerBytes: number | null;
  /** Mean number of links at the end. */
  readonly claimedPeersPerViewer: number | null;
}

/** Samples right after a start show the seek to the live position, not the latency that is kept. */
const LATENCY_WARM_UP_SAMPLES = 5;

export function cellOf(run: SwarmRun): Cell {
  const { viewers, origin } = run;
  const deliveries = viewers.map((viewer) => viewer.deliveries);
  const hasSwarm = viewers.some((viewer) => viewer.claims !== null);
  const account = accountOf(run);
  const arrivedBytes = account.originToViewersBytes + account.channelsReceivedBytes;
  const perViewer = (total: number | null) => (total === null ? null : total / viewers.length);
  return {
    scene: run.scene,
    kind: run.kind,
    roots: run.roots,
    run: run.run,
    viewers: viewers.length,
    wallSeconds: run.wallSeconds,
    offloadRatio: hasSwarm ? offloadRatio(origin.viewerBytes + origin.verifierBytes, deliveries) : null,
    ceilingRatio: hasSwarm ? offloadCeiling(deliveries, run.roots) : null,
    peerShareRatio: hasSwarm && arrivedBytes > 0 ? account.channelsReceivedBytes / arrivedBytes : null,
    wasteRatio: account.neededBytes === 0 ? null : arrivedBytes / account.neededBytes - 1,
    stalls: sumOf(viewers, ({ stalls }) => stalls),
    rebufferSeconds: sumOf(viewers, ({ rebufferMs }) => rebufferMs) / 1000,
    fatalErrors: sumOf(viewers, ({ fatalErrors }) => fatalErrors.length),
    startupsMs: viewers.map(({ startupMs }) => startupMs),
    latenciesSeconds: viewers.map(({ latencySamplesS }) => settledLatency(latencySamplesS)),
    seekTimesMs: viewers.flatMap(({ seekTimesMs }) => seekTimesMs),
    levelSwitchesPerViewer: mean(viewers.map(({ levelSwitches }) => levelSwitches)),
    playedBps: playedBps(viewers),
    cpuSecondsPerViewer: perViewer(run.cpuSeconds),
    memoryBytesPerViewer: perViewer(run.memoryBytes),
    account,
    timeline: hasSwarm ? timelineOf(run.samples, deliveries, run.beganAtMs) : [],
  };
}

function accountOf({ viewers, origin }: SwarmRun): Account {
  const claims = viewers.flatMap((viewer) => viewer.claims ?? []);
  const deliveries = viewers.map((viewer) => viewer.deliveries);
  return {
    originToViewersBytes: origin.viewerBytes,
    originToVerifierBytes: origin.verifierBytes,
    channelsReceivedBytes: sumOf(viewers, ({ channels }) => channels.receivedBytes),
    channelsSentBytes: sumOf(viewers, ({ channels }) => channels.sentBytes),
    deliveredBytes: sumOf(deliveries, deliveredBytes),
    neededBytes: neededBytes(deliveries),
    claimedCdnBytes: claims.length === 0 ? null : sumOf(claims, ({ cdnBytes }) => cdnBytes),
    claimedPeerBytes: claims.length === 0 ? null : sumOf(claims, ({ peerBytes }) => peerBytes),
    claimedPeersPerViewer: mean(claims.map(({ peers }) => peers)),
  };
}

function settledLatency(samples: readonly number[]): number | null {
  const settled = samples.slice(LATENCY_WARM_UP_SAMPLES);
  return settled.length === 0 ? null : median(settled);
}

/** Mean over the time on screen of all viewers. */
function playedBps(viewers: readonly ViewerReport[]): number | null {
  const played = viewers.flatMap((viewer) => viewer.played);
  const seconds = sumOf(played, ({ durationS }) => durationS);
  return seconds === 0
    ? null
    : sumOf(played, ({ bitrateBps, durationS }) => bitrateBps * durationS) / seconds;
}

function sumOf<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0);
}
