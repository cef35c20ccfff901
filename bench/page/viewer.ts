import type * as Sdk from "@tributary/sdk";
import type HlsPlayer from "hls.js";
import type { Delivery } from "../src/figures/delivery.ts";
import type { ViewerOrder, ViewerReport } from "../src/stage/viewer-report.ts";

/** One viewer, with or without Tributary. Everything is hls.js's default: the figures are about those. */

const LATENCY_SAMPLE_MS = 1000;
const SDK_URL = "/e2e/tributary.mjs";

/** The build with the worker inside, which is on by default. */
const Hls = (window as unknown as { Hls: typeof HlsPlayer }).Hls;
// Loaded by plain viewers too: startup compares players, not downloads.
const { createEngine } = (await import(/* @vite-ignore */ SDK_URL)) as typeof Sdk;

const video = document.querySelector("video")!;
const deliveries: Delivery[] = [];
const latencySamplesS: number[] = [];
const fatalErrors: string[] = [];
const warnings: string[] = [];
let startupMs: number | null = null;
let stalls = 0;
let engine: Sdk.Engine | null = null;
let hls: HlsPlayer | null = null;

function start(order: ViewerOrder): void {
  const startMs = performance.now();
  video.addEventListener("playing", () => (startupMs ??= performance.now() - startMs), { once: true });
  hls = order.engine === null ? new Hls() : startWithEngine(order.engine);
  watch(hls);
  hls.loadSource(order.url);
  hls.attachMedia(video);
  hls.on(Hls.Events.MANIFEST_PARSED, () => void video.play());
}

function startWithEngine(options: { tracker: string; contentId: string }): HlsPlayer {
  engine = createEngine(options);
  engine.on("warning", ({ code, message }) => warnings.push(`${code}: ${message}`));
  const player = new Hls(engine.hlsConfig());
  engine.attach(player);
  return player;
}

function watch(player: HlsPlayer): void {
  // The payload itself is with hls.js's worker by now.
  player.on(Hls.Events.FRAG_LOADED, (_event, { frag }) =>
    deliveries.push({ segment: `${frag.type} ${frag.level} ${frag.sn}`, sizeBytes: frag.stats.loaded }),
  );
  player.on(Hls.Events.ERROR, (_event, { fatal, details, reason, error }) => {
    if (fatal) fatalErrors.push(`${details}: ${reason ?? error.message}`);
  });
  video.addEventListener("waiting", () => {
    if (startupMs !== null && !video.seeking && !video.ended) stalls += 1;
  });
  setInterval(() => {
    const playingDate = player.latestLevelDetails?.live ? player.playingDate : null;
    if (playingDate !== null && !video.paused && startupMs !== null)
      latencySamplesS.push((Date.now() - playingDate.getTime()) / 1000);
  }, LATENCY_SAMPLE_MS);
}

function report(): ViewerReport {
  const stats = engine?.stats();
  return {
    startupMs,
    positionS: video.currentTime,
    ended: video.ended,
    deliveries,
    stalls,
    fatalErrors,
    latencySamplesS,
    engine:
      engine === null || stats === undefined
        ? null
        : {
            peerBytes: stats.peerBytes,
            cdnBytes: stats.cdnBytes,
            wastedBytes: stats.wastedBytes,
            peers: stats.peers,
            explain: engine.explain(),
            warnings,
          },
  };
}

async function leave(): Promise<void> {
  hls?.destroy();
  await engine?.destroy();
}

window.benchViewer = { start, report, leave };
