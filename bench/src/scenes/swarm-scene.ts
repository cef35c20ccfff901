import { setTimeout as pass } from "node:timers/promises";
import type { StreamName } from "@tributary/demo-player/origin";
import { withStage, type Viewer } from "../stage/stage.ts";
import type { Scene } from "./scene.ts";
import { swarmRow } from "./swarm-row.ts";

export interface SwarmSceneOptions {
  readonly name: string;
  readonly stream: StreamName;
  readonly viewersCount: number;
  /** Time between one join and the next; 0 = all at once. */
  readonly joinIntervalMs: number;
  /** Measured after the last join. */
  readonly measureSeconds: number;
  /** Plain hls.js viewers, each joining at the same moment as one of the others. */
  readonly plainCount: number;
}

/** Viewers of one stream who join one after another and are then watched for a while. */
export function swarmScene(scene: SwarmSceneOptions): Scene {
  const { name, stream, viewersCount, joinIntervalMs, plainCount } = scene;
  return {
    name,
    run: ({ roots, run, options, viewerPage, say }) =>
      withStage({ stream, roots, viewerPage }, async (stage) => {
        const measuredSeconds = options.seconds ?? scene.measureSeconds;
        say(`preparing ${viewersCount} viewers${plainCount > 0 ? ` and ${plainCount} plain ones` : ""}`);
        const swarm = await prepareAll(viewersCount, () => stage.prepare("tributary"));
        const plain = await prepareAll(plainCount, () => stage.prepare("plain"));
        const cpuBefore = stage.cpuSeconds();
        await joinAll(swarm, plain, joinIntervalMs);
        say(`all joined, measuring for ${measuredSeconds} s`);
        await pass(measuredSeconds * 1000);
        const originMediaBytes = stage.swarmOriginBytes();
        const reports = await Promise.all(swarm.map((viewer) => viewer.report()));
        const cpuAfter = stage.cpuSeconds();
        for (const { fatalErrors, engine } of reports)
          for (const line of [...fatalErrors, ...(engine?.warnings ?? [])]) say(`seen: ${line}`);
        return swarmRow({
          scene: name,
          roots,
          run,
          measuredSeconds,
          originMediaBytes,
          cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
          swarm: reports,
          plain: await Promise.all(plain.map((viewer) => viewer.report())),
        });
      }),
  };
}

async function prepareAll(count: number, prepare: () => Promise<Viewer>): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  while (viewers.length < count) viewers.push(await prepare());
  return viewers;
}

async function joinAll(
  swarm: readonly Viewer[],
  plain: readonly Viewer[],
  joinIntervalMs: number,
): Promise<void> {
  const beginMs = performance.now();
  const joins = swarm.map(async (viewer, index) => {
    // Every second one has a plain viewer at its side, so that both kinds meet the same phases of a live playlist.
    const companion = index % 2 === 0 ? plain[index / 2] : undefined;
    await pass(Math.max(0, beginMs + index * joinIntervalMs - performance.now()));
    await Promise.all([viewer.start(), companion?.start()]);
  });
  await Promise.all(joins);
}
