import { createCore, type Core, type CoreConfig } from "@tributary/sdk/core";
import { createEventQueue, type EventQueue } from "./event-queue.ts";
import { createCdn } from "./network/cdn.ts";
import { createMesh } from "./network/mesh.ts";
import { drawLinks, type AccessLink } from "./network/population.ts";
import { combine, type Probe } from "./probe.ts";
import { createRandom } from "./random.ts";
import type { Scenario, Visit } from "./scenarios/scenario.ts";
import { createStream, type Stream } from "./stream/stream.ts";
import { createTrackerHost } from "./tracker/tracker.ts";
import { lies, type Honesty } from "./viewer/honesty.ts";
import { createViewer, type Viewer } from "./viewer/viewer.ts";

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly viewers: number;
  readonly seed: number;
  /** Everything from the CDN: the twin to compare with. */
  readonly cdnOnly?: boolean;
  /** For tests: an engine that is broken in a known way. */
  readonly createCore?: (config: CoreConfig) => Core;
}

/** What is known before the clock starts. */
export interface World {
  readonly queue: EventQueue;
  readonly stream: Stream;
  readonly visits: readonly Visit[];
  readonly links: readonly AccessLink[];
  readonly viewers: readonly (Viewer | null)[];
  honestyOf(viewer: number): Honesty;
  /** Plays the scenario to its end. */
  run(probes: readonly Probe[]): void;
}

export function createWorld(options: WorldOptions): World {
  const { scenario, seed } = options;
  const queue = createEventQueue();
  const stream = createStream(scenario.stream, seed);
  const visits = scenario.visits(options.viewers, createRandom(seed, "visits"));
  const links = drawLinks(createRandom(seed, "links"), visits.length, scenario.population);
  const honesty = drawHonesty(seed, visits.length, scenario.liarRatio);
  const viewers: (Viewer | null)[] = visits.map(() => null);

  function run(probes: readonly Probe[]): void {
    const watch = combine(probes);
    const cdn = createCdn(scenario.cdn, stream, queue, createRandom(seed, "cdn"), watch);
    const mesh = createMesh(queue, watch);
    const host = createTrackerHost(queue, createRandom(seed, "tracker"), cdn, stream);
    const arrivals = { fire: arrive };
    const departures = { fire: depart };
    const jumps = {
      fire: ({ index, toMs }: { index: number; toMs: number }) => viewers[index]?.seek(toMs),
    };

    function arrive(index: number): void {
      const visit = visits[index]!;
      viewers[index] = createViewer({
        index,
        access: links[index]!,
        honesty: honesty[index]!,
        queue,
        stream,
        cdn,
        mesh,
        host,
        watch,
        storageMaxBytes: scenario.storageMaxBytes,
        p2pAllowed: options.cdnOnly !== true,
        createCore: options.createCore ?? createCore,
      });
      if (visit.leaveMs < scenario.runMs) queue.at(visit.leaveMs, departures, index);
      for (const { atMs, toMs } of visit.seeks) queue.at(atMs, jumps, { index, toMs });
    }

    function depart(index: number): void {
      viewers[index]?.leave(visits[index]!.abrupt);
      viewers[index] = null;
    }

    visits.forEach(({ arriveMs }, index) => queue.at(arriveMs, arrivals, index));
    queue.run(scenario.runMs);
  }

  return { queue, stream, visits, links, viewers, honestyOf: (viewer) => honesty[viewer]!, run };
}

function drawHonesty(seed: number, count: number, liarRatio: number): Honesty[] {
  const random = createRandom(seed, "honesty");
  return Array.from({ length: count }, () =>
    random.chance(liarRatio) ? lies[random.below(lies.length)]! : "honest",
  );
}
