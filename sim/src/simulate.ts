import type { Core, CoreConfig } from "@tributary/sdk/core";
import type { Checker, Violation } from "./checkers/checker.ts";
import { createConservation } from "./checkers/conservation.ts";
import { createIntegrity } from "./checkers/integrity.ts";
import { createRequests } from "./checkers/requests.ts";
import { createStalls, createStallLog } from "./checkers/stalls.ts";
import { createStarvation } from "./checkers/starvation.ts";
import { measureCauses, type Cause } from "./measures/causes.ts";
import { measureDelivery, type DeliveryFigures } from "./measures/delivery.ts";
import { round, spreadOf, type Spread } from "./measures/figures.ts";
import { createFingerprint } from "./measures/fingerprint.ts";
import { measurePeers, type PeerFigures } from "./measures/peers.ts";
import type { Node } from "./measures/reachable.ts";
import { measureUplinks, type UplinkFigures } from "./measures/uplinks.ts";
import { measurePlayback, type PlaybackFigures } from "./measures/playback.ts";
import { overheadRatio } from "./network/links.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { peerOf } from "./viewer/peers.ts";
import { createWorld, type World } from "./world.ts";

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly viewers: number;
  readonly seed: number;
  /** Also plays the same visits on the CDN alone, and holds stalls against them. */
  readonly twin: boolean;
  readonly cdnOnly?: boolean;
  readonly createCore?: (config: CoreConfig) => Core;
}

export interface SimulationResult {
  readonly scenario: string;
  readonly viewers: number;
  readonly seed: number;
  readonly simulatedMs: number;
  readonly visits: number;
  /** Uplinks of all visitors over what they watch. */
  readonly supplyRatio: number;
  readonly delivery: DeliveryFigures;
  /** Why the CDN was asked: shares of what it sent to viewers. */
  readonly causes: Readonly<Record<Cause, number>>;
  readonly playback: PlaybackFigures;
  /** Behind the newest frame, at the end of the run; null for VOD. */
  readonly liveLatencyMs: Spread | null;
  readonly peers: PeerFigures;
  readonly uplinks: UplinkFigures;
  readonly events: number;
  readonly violations: readonly Violation[];
  readonly fingerprint: string;
}

/** Plays one scenario under all checkers. The result depends on the options alone. */
export function simulate(options: SimulationOptions): SimulationResult {
  const { scenario } = options;
  const world = createWorld(options);
  const { stream, visits } = world;
  const indexOf = new Map(visits.map((_, index) => [peerOf(index) as string, index]));
  const delivery = measureDelivery(scenario, stream, visits.length, (peer) => indexOf.get(peer) ?? 0);
  const causes = measureCauses(stream, visits.length, (viewer) => world.viewers[viewer]?.neighbours() ?? []);
  const isSettled = () => world.queue.nowMs() >= scenario.settledMs;
  const uplinks = measureUplinks(visits.length, isSettled);
  const playback = measurePlayback();
  const peers = measurePeers(visits.length);
  const fingerprint = createFingerprint();
  const checkers: Checker[] = [
    createConservation(stream),
    createIntegrity(stream),
    createStarvation(),
    createRequests(stream),
    ...(options.twin ? [createStalls(stallsOfTwin(options))] : []),
  ];
  world.run([delivery, causes, uplinks, playback, peers, fingerprint, ...checkers]);

  const violations = checkers.flatMap((checker) => checker.finish(scenario.runMs));
  const busy = endVisits(world, playback);
  return {
    scenario: scenario.name,
    viewers: options.viewers,
    seed: options.seed,
    simulatedMs: scenario.runMs,
    visits: visits.length,
    supplyRatio: supplyRatioOf(world),
    delivery: delivery.figures(),
    causes: causes.figures(),
    playback: playback.figures(),
    liveLatencyMs: stream.live ? latencyOf(world, scenario) : null,
    peers: peers.figures(busy),
    uplinks: uplinks.figures(carriersOf(world), stream.bitrateBps, scenario.runMs - scenario.settledMs),
    events: world.queue.firedCount(),
    violations,
    fingerprint: fingerprint.hex(),
  };
}

function carriersOf(world: World): Map<number, Node> {
  const nodes = new Map<number, Node>();
  for (const viewer of world.viewers) {
    if (viewer === null) continue;
    const upBps = world.links[viewer.index]!.upBps / (1 + overheadRatio);
    nodes.set(viewer.index, { upBps, partners: viewer.neighbours().map(({ index }) => index) });
  }
  return nodes;
}

function stallsOfTwin(options: SimulationOptions): ReadonlySet<number> {
  const log = createStallLog();
  const twin = createWorld({
    scenario: options.scenario,
    viewers: options.viewers,
    seed: options.seed,
    cdnOnly: true,
  });
  twin.run([log]);
  return log.viewers;
}

/** Takes the last measures of those who stayed, and says how busy their uplinks were. */
function endVisits(world: World, playback: ReturnType<typeof measurePlayback>): number[] {
  return world.viewers.flatMap((viewer, index) => {
    if (viewer === null) return [];
    const last = viewer.player.lastMeasures();
    playback.played?.(index, last.playedMs);
    if (last.stalledMs > 0) playback.resumed?.(index, last.stalledMs, "stall", world.queue.nowMs());
    const presentMs = world.queue.nowMs() - world.visits[index]!.arriveMs;
    return [presentMs === 0 ? 0 : viewer.uplinkBusyMs() / presentMs];
  });
}

function latencyOf(world: World, scenario: Scenario): Spread {
  const { stream, queue } = world;
  const edgeMs = queue.nowMs() + stream.windowCount * stream.segmentMs;
  const stayed = world.viewers.flatMap((viewer, index) => {
    const settled = viewer !== null && world.visits[index]!.arriveMs < scenario.runMs - 10_000;
    return settled ? [round(edgeMs - viewer.player.positionMs(), 1)] : [];
  });
  return spreadOf(stayed);
}

function supplyRatioOf({ links, stream }: World): number {
  const supplyBps = links.reduce((sum, { upBps }) => sum + upBps, 0);
  return round(supplyBps / (stream.bitrateBps * Math.max(1, links.length)));
}
