import Hls from "hls.js";
import { createEngine, type Engine } from "@tributary/sdk";
import {
  VANISH_EVENT,
  type FromViewer,
  type PlayState,
  type StartMessage,
  type ToViewer,
} from "../protocol.ts";
import { need } from "../view/dom.ts";
import { describeFailure } from "./describe-failure.ts";

/** One viewer: one hls.js player with one engine. The page around it draws what it reports. */

const REPORT_INTERVAL_MS = 250;
/** A short buffer makes the sample streams flow instead of arriving at once; everything else is hls.js's default. */
const BUFFER_S = 16;

const video = need<HTMLVideoElement>(document, "#video");
let problem = "";

// Registered before the engine's own listener: a viewer that vanishes must not say goodbye.
let vanishing = false;
window.addEventListener(VANISH_EVENT, () => {
  vanishing = true;
});
window.addEventListener("pagehide", (event) => {
  if (vanishing) event.stopImmediatePropagation();
});

function tell(message: FromViewer): void {
  window.parent.postMessage(message, window.location.origin);
}

function start(message: StartMessage): { engine: Engine; hls: Hls } {
  const engine = createEngine({
    tracker: message.tracker,
    earn: {},
    ...(message.contentId === null ? {} : { contentId: message.contentId }),
  });
  if (!message.p2p) engine.pause();
  engine.on("segment", ({ track, sequence, peerBytes, cdnBytes }) =>
    tell({ type: "segment", mark: { track, sequence, peerBytes, cdnBytes } }),
  );
  engine.on("warning", (warning) => tell({ type: "warning", message: warning.message }));
  const hls = new Hls(
    engine.hlsConfig({ maxBufferLength: BUFFER_S, maxMaxBufferLength: BUFFER_S, backBufferLength: 30 }),
  );
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) problem = describeFailure(data);
  });
  engine.attach(hls);
  hls.attachMedia(video);
  hls.loadSource(message.url);
  video.muted = true;
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    // A refusal to play by itself is no failure: the controls let the person start it.
    video.play().catch(() => {
      video.controls = true;
    });
  });
  return { engine, hls };
}

function report(engine: Engine, hls: Hls): void {
  const live = hls.latestLevelDetails?.live ?? false;
  tell({
    type: "report",
    report: {
      state: playState(),
      problem,
      live,
      positionS: video.currentTime,
      durationS: video.duration,
      latencyS: live && hls.latency > 0 ? hls.latency : null,
      bufferS: bufferedAhead(),
      stats: engine.stats(),
      explain: engine.explain(),
    },
  });
}

function playState(): PlayState {
  if (problem !== "") return "failed";
  if (video.ended) return "ended";
  if (video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) return "playing";
  return video.played.length > 0 ? "stalled" : "loading";
}

function bufferedAhead(): number {
  for (let index = 0; index < video.buffered.length; index++) {
    const end = video.buffered.end(index);
    if (video.buffered.start(index) <= video.currentTime + 0.1 && end > video.currentTime)
      return end - video.currentTime;
  }
  return 0;
}

function run(message: StartMessage): void {
  if (!Hls.isSupported()) {
    tell({
      type: "unsupported",
      message: "This browser has no Media Source Extensions, which hls.js needs.",
    });
    return;
  }
  const { engine, hls } = start(message);
  const timer = setInterval(() => report(engine, hls), REPORT_INTERVAL_MS);
  window.addEventListener("message", (event: MessageEvent<ToViewer>) => {
    if (!fromPage(event)) return;
    if (event.data.type === "p2p") {
      if (event.data.on) engine.resume();
      else engine.pause();
    }
    if (event.data.type === "leave") {
      clearInterval(timer);
      report(engine, hls);
      hls.destroy();
      void engine.destroy().finally(() => tell({ type: "left" }));
    }
  });
}

function fromPage(event: MessageEvent): boolean {
  return event.source === window.parent && event.origin === window.location.origin;
}

window.addEventListener("message", function first(event: MessageEvent<ToViewer>) {
  if (!fromPage(event) || event.data.type !== "start") return;
  window.removeEventListener("message", first);
  run(event.data);
});
tell({ type: "ready" });
