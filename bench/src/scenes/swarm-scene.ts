import { setTimeout as pass } from "node:timers/promises";
import type { Fault, Origin, StreamName } from "@tributary/demo-player/origin";
import { cellOf, type Cell } from "../cell.ts";
import type { OriginSample } from "../figures/timeline.ts";
import { variantName, type Variant } from "../kinds.ts";
import { networkObstacle, type LinkRates } from "../network/namespaces.ts";
import { withStage } from "../stage/stage.ts";
import type { Viewer } from "../stage/viewer.ts";
import { joinPhase } from "./join-phase.ts";
import { CEILING, type RunContext, type Scene } from "./scene.ts";

export interface SwarmSceneOptions {
  readonly name: string;
  readonly title: string;
  readonly stream: StreamName;
  /** Length of a live segment; absent in VOD. Viewers join at the same phases of it in every run. */
  readonly liveSegmentMs?: number;
  readonly viewersCount: number;
  /** Time between one join and the next; 0 = all at once. */
  readonly joinIntervalMs: number;
  /** Measured after the last join. */
  readonly measureSeconds: number;
  /** Further viewers whose pages are ready for `act`. */
  readonly understudiesCount?: number;
  readonly faults?: readonly Fault[];
  /** Links of the viewers, each in a network namespace of its own; absent = all on loopback. */
  readonly links?: readonly LinkRates[];
  /** What happens while the scene is measured. */
  readonly act?: (cast: Cast) => Promise<void>;
}

export interface Cast {
  readonly viewers: readonly Viewer[];
  readonly understudies: readonly Viewer[];
  readonly measureSeconds: number;
  say(line: string): void;
}

const SAMPLE_EVERY_MS = 500;
/** Starting and ending trackers, browsers and pages. */
const SET_UP_SECONDS = 10;

/** Viewers of one stream and one kind who join one after another and are then watched for a while. */
export function swarmScene(scene: SwarmSceneOptions): Scene {
  const viewersOf = ({ viewers }: RunContext["options"]) => Math.min(viewers ?? Infinity, scene.viewersCount);
  return {
    name: scene.name,
    title: scene.title,
    ceiling: CEILING,
    obstacle: () => (scene.links === undefined ? null : networkObstacle()),
    plannedSeconds: ({ variants, options }) =>
      variants.length *
      (SET_UP_SECONDS +
        (viewersOf(options) * scene.joinIntervalMs) / 1000 +
        (scene.liveSegmentMs ?? 0) / 1000 +
        (options.seconds ?? scene.measureSeconds)),
    async run(context, onResult) {
      const cut = { ...scene, viewersCount: viewersOf(context.options) };
      for (const variant of context.variants) {
        try {
          onResult(await runOnce(cut, variant, context));
        } catch (error) {
          context.failed(variantName(variant), error);
        }
      }
    },
  };
}

async function runOnce(scene: SwarmSceneOptions, variant: Variant, context: RunContext): Promise<Cell> {
  const { kind, roots } = variant;
  const { options, viewerPages, run } = context;
  const say = (line: string) => context.say(`${variantName(variant)}: ${line}`);
  const { stream, viewersCount, faults = [] } = scene;
  const stageOptions = {
    kinds: [kind],
    stream,
    roots,
    viewerPages,
    faults,
    ...(scene.links && { links: scene.links.slice(0, viewersCount) }),
  };
  return withStage(stageOptions, async (stage) => {
    const measureSeconds = options.seconds ?? scene.measureSeconds;
    const prepare = (count: number) => Promise.all(Array.from({ length: count }, () => stage.prepare(kind)));
    const viewers = await prepare(viewersCount);
    const understudies = await prepare(Math.min(scene.understudiesCount ?? 0, viewersCount));
    if (scene.liveSegmentMs !== undefined)
      await pass(joinPhase(stage.beganAtMs, scene.liveSegmentMs, Date.now()));
    say(`${viewersCount} viewers join`);
    const cpuBefore = stage.cpuSeconds();
    const beganAtMs = Date.now();
    const sampling = sampleOrigin(stage.origin);
    await joinAll(viewers, scene.joinIntervalMs);
    say(`all joined, measuring for ${measureSeconds} s`);
    const cast = { viewers, understudies, measureSeconds, say };
    await Promise.all([pass(measureSeconds * 1000), scene.act?.(cast)]);
    const cpuAfter = stage.cpuSeconds();
    const samples = sampling.stop();
    const origin = sentBy(stage.origin);
    const all = [...viewers, ...understudies];
    const reports = await Promise.all(all.map((viewer) => viewer.report()));
    for (const { fatalErrors, claims } of reports)
      for (const line of [...fatalErrors, ...(claims?.warnings ?? [])]) say(`seen: ${line}`);
    const cell = cellOf({
      scene: scene.name,
      kind,
      roots,
      run,
      wallSeconds: (Date.now() - beganAtMs) / 1000,
      beganAtMs,
      origin,
      samples,
      cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
      memoryBytes: stage.memoryBytes(),
      viewers: reports,
    });
    say(summaryOf(cell));
    return cell;
  });
}

async function joinAll(viewers: readonly Viewer[], intervalMs: number): Promise<void> {
  const beginMs = performance.now();
  const joins = viewers.map(async (viewer, index) => {
    await pass(Math.max(0, beginMs + index * intervalMs - performance.now()));
    await viewer.start();
  });
  await Promise.all(joins);
}

/** What the origin sent of segments and parts; init segments are left out, because no player reports those. */
function sentBy(origin: Origin): { viewerBytes: number; verifierBytes: number } {
  const { mediaBytes, byPath, byClient } = origin.bytes();
  const initBytes = [...byPath]
    .filter(([path]) => path.endsWith("/init.mp4"))
    .reduce((sum, [, { bytes }]) => sum + bytes, 0);
  const verifierBytes = byClient.get("verifier")?.bytes ?? 0;
  return { viewerBytes: mediaBytes - initBytes - verifierBytes, verifierBytes };
}

function sampleOrigin(origin: Origin): { stop(): OriginSample[] } {
  const samples: OriginSample[] = [];
  const sample = () => {
    const { viewerBytes, verifierBytes } = sentBy(origin);
    samples.push({ atMs: Date.now(), mediaBytes: viewerBytes + verifierBytes });
  };
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return samples;
    },
  };
}

function summaryOf({ offloadRatio, ceilingRatio, stalls, startupsMs, fatalErrors }: Cell): string {
  const share =
    offloadRatio === null ? "" : `offload ${offloadRatio.toFixed(3)} of ${ceilingRatio?.toFixed(3)}, `;
  const started = startupsMs.filter((ms) => ms !== null);
  return `${share}${stalls} stalls, ${fatalErrors} fatal errors, ${started.length} of ${startupsMs.length} started`;
}
