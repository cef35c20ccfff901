import type HlsPlayer from "hls.js";
import type { Delivery } from "../src/figures/delivery.ts";
import type { ViewerReport } from "../src/stage/viewer-report.ts";

const LATENCY_SAMPLE_MS = 1000;
const HAVE_FUTURE_DATA = 3;

export interface Playback {
  /** The page's player code begins now. */
  began(): void;
  watch(hls: HlsPlayer): void;
  seek(toS: number): void;
  measures(): Omit<ViewerReport, "channels" | "claims">;
}

/** Measures one viewer at the media element and at hls.js's events: nothing here knows which kind it is. */
export function watchPlayback(video: HTMLVideoElement, Hls: typeof HlsPlayer): Playback {
  const deliveries: Delivery[] = [];
  const latencySamplesS: number[] = [];
  const fatalErrors: string[] = [];
  const seekTimesMs: number[] = [];
  const played: { bitrateBps: number; durationS: number }[] = [];
  let startMs = 0;
  let startupMs: number | null = null;
  let stalls = 0;
  let rebufferMs = 0;
  let stalledSinceMs: number | null = null;
  let seekingSinceMs: number | null = null;
  let levelsShown = 0;

  function moves(): void {
    const nowMs = performance.now();
    startupMs ??= nowMs - startMs;
    if (stalledSinceMs !== null) rebufferMs += nowMs - stalledSinceMs;
    if (seekingSinceMs !== null) seekTimesMs.push(nowMs - seekingSinceMs);
    stalledSinceMs = seekingSinceMs = null;
  }
  video.addEventListener("playing", moves);
  video.addEventListener("timeupdate", () => {
    const waited = stalledSinceMs !== null || seekingSinceMs !== null;
    if (waited && !video.seeking && video.readyState >= HAVE_FUTURE_DATA) moves();
  });
  video.addEventListener("waiting", () => {
    if (startupMs === null || seekingSinceMs !== null || video.seeking || video.ended) return;
    stalls += 1;
    stalledSinceMs ??= performance.now();
  });

  function watch(hls: HlsPlayer): void {
    hls.on(Hls.Events.FRAG_LOADED, (_event, { frag, part }) => {
      // The payload itself is with hls.js's worker by now.
      const sizeBytes = (part ?? frag).stats.loaded;
      const segment = `${frag.type} ${frag.level} ${frag.sn}${part ? `.${part.index}` : ""}`;
      deliveries.push({ segment, sizeBytes, atMs: Date.now() });
    });
    hls.on(Hls.Events.FRAG_CHANGED, (_event, { frag }) => {
      const bitrateBps = hls.levels[frag.level]?.bitrate;
      if (bitrateBps !== undefined) played.push({ bitrateBps, durationS: frag.duration });
    });
    hls.on(Hls.Events.LEVEL_SWITCHED, () => (levelsShown += 1));
    hls.on(Hls.Events.ERROR, (_event, { fatal, details, reason, error }) => {
      if (fatal) fatalErrors.push(`${details}: ${reason ?? error.message}`);
    });
    setInterval(() => {
      const playingDate = hls.latestLevelDetails?.live ? hls.playingDate : null;
      if (playingDate !== null && !video.paused && startupMs !== null)
        latencySamplesS.push((Date.now() - playingDate.getTime()) / 1000);
    }, LATENCY_SAMPLE_MS);
  }

  return {
    began: () => void (startMs = performance.now()),
    watch,
    seek(toS) {
      seekingSinceMs = performance.now();
      video.currentTime = toS;
    },
    measures: () => ({
      startupMs,
      positionS: video.currentTime,
      ended: video.ended,
      deliveries,
      stalls,
      rebufferMs: rebufferMs + (stalledSinceMs === null ? 0 : performance.now() - stalledSinceMs),
      seekTimesMs,
      fatalErrors,
      latencySamplesS,
      levelSwitches: Math.max(0, levelsShown - 1),
      played,
    }),
  };
}
