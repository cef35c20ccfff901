import type { Engine, EngineEvents } from "@tributary/sdk";
import type * as Sdk from "@tributary/sdk";
import type Hls from "hls.js";
import type { ViewerPage } from "./contract.ts";
import { pageLoading } from "./page-loading.ts";
import { aheadS, type Playback, watchPlayback } from "./playback.ts";
import { createRecorder } from "./recorder.ts";

const HlsClass = (window as unknown as { Hls: typeof Hls }).Hls;
const SDK_URL = "/e2e/tributary.mjs";

const video = document.querySelector("video") as HTMLVideoElement;
const recorder = createRecorder();
const warnings: EngineEvents["warning"][] = [];
const segments: EngineEvents["segment"][] = [];
const peers: EngineEvents["peer"][] = [];
const receipts: EngineEvents["receipt"][] = [];
let hls: Hls | null = null;
let engine: Engine | null = null;
let playback: Playback | null = null;

const viewer: ViewerPage = {
  async play({ stream, engine: options, hls: own, loading, sound }) {
    video.muted = !sound;
    let config = { ...own, ...pageLoading(loading, HlsClass) };
    if (options !== null) {
      const { createEngine } = (await import(/* @vite-ignore */ SDK_URL)) as typeof Sdk;
      engine = createEngine(options);
      engine.on("warning", (event) => warnings.push(event));
      engine.on("segment", (event) => segments.push(event));
      engine.on("peer", (event) => peers.push(event));
      engine.on("receipt", (event) => receipts.push(event));
      config = { ...engine.hlsConfig(config) };
    }
    hls = new HlsClass({ ...config, fLoader: recorder.wrap(config.fLoader) });
    engine?.attach(hls);
    playback = watchPlayback(hls, HlsClass, video);
    hls.loadSource(stream);
    hls.attachMedia(video);
    // Not awaited: it is pending for as long as nothing was loaded.
    video.play().catch(() => undefined);
  },

  async report() {
    return {
      currentTimeS: video.currentTime,
      durationS: Number.isFinite(video.duration) ? video.duration : 0,
      bufferedEndS: video.currentTime + aheadS(video),
      paused: video.paused,
      hidden: document.hidden,
      startupMs: playback?.startupMs() ?? null,
      stalls: playback?.stalls() ?? 0,
      errors: playback?.errors ?? [],
      latencyS: hls && Number.isFinite(hls.latency) ? hls.latency : null,
      levels: playback?.levels ?? [],
      audioTracks: hls?.audioTracks.map(({ name }) => name) ?? [],
      deliveries: await recorder.deliveries(),
      stats: engine?.stats() ?? null,
      explain: engine?.explain() ?? null,
      warnings,
      segments,
      peers,
      receipts,
    };
  },
  loadSource: (url) => hls?.loadSource(url),
  seek: (toS) => void (video.currentTime = toS),
  setLevel: (level) => void (hls && (hls.nextLevel = level)),
  setAudioTrack: (id) => void (hls && (hls.audioTrack = id)),
  pauseEngine: () => engine?.pause(),
  resumeEngine: () => engine?.resume(),
  destroyEngine: async () => engine?.destroy(),
  destroyPlayer: () => hls?.destroy(),
};

Object.assign(window, { viewer });
