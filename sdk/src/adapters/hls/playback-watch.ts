import type { PlaybackMeasures, PlayheadReport } from "../../driver-contract.ts";

export interface PlaybackListener {
  /** The first frame of all is shown, or can be and waits for the viewer to start it. */
  firstFrame(): void;
  playhead(report: PlayheadReport): void;
  /** The media element ran dry after playback had begun. */
  stalled(): void;
  measured(measures: PlaybackMeasures): void;
}

export interface PlaybackWatch {
  /** The page asked for a stream: startup time counts from here, for the first stream. */
  loading(nowMs: number): void;
  /** Tells where the player is now: media events alone come up to a third of a second late. */
  report(): void;
  watch(media: HTMLMediaElement): void;
  unwatch(): void;
  /** Whether the viewer wants to see something and there is next to nothing to show. */
  starving(): boolean;
}

/** Browsers play over holes this small, hls.js jumps over them. */
const HOLE_SECONDS = 0.25;
const STARVING_SECONDS = 0.5;
const HAVE_CURRENT_DATA = 2;
const HAVE_FUTURE_DATA = 3;

const REPORT_EVENTS = [
  "loadeddata",
  "timeupdate",
  "seeking",
  "seeked",
  "waiting",
  "playing",
  "ratechange",
  "pause",
  "progress",
];

/** Reads the media element; owns the startup and rebuffering measures of one engine. */
export function createPlaybackWatch(listener: PlaybackListener): PlaybackWatch {
  let media: HTMLMediaElement | null = null;
  let frameSeen = false;
  let loadingMs: number | null = null;
  let stalledMs: number | null = null;
  let startupMs: number | null = null;
  let rebufferMs = 0;
  let rebufferCount = 0;

  const measured = (): void =>
    listener.measured({
      startupMs,
      rebufferCount,
      // No media event comes while it lasts.
      get rebufferMs() {
        return rebufferMs + (stalledMs === null ? 0 : performance.now() - stalledMs);
      },
    });

  function report(): void {
    if (!media) return;
    const { currentTime, playbackRate, paused } = media;
    listener.playhead({
      positionMs: currentTime * 1000,
      rate: playbackRate,
      bufferedEndMs: bufferedEndOf(media) * 1000,
      paused,
      hidden: document.hidden,
    });
  }

  function frameIsThere(): void {
    if (!frameSeen) listener.firstFrame();
    frameSeen = true;
  }

  function stallBegan(element: HTMLMediaElement): void {
    const { readyState, seeking, ended, paused } = element;
    if (startupMs === null || stalledMs !== null || seeking || ended || paused) return;
    if (readyState >= HAVE_FUTURE_DATA) return;
    stalledMs = performance.now();
    rebufferCount++;
    measured();
    listener.stalled();
  }

  function stallEnded(): void {
    if (stalledMs === null) return;
    rebufferMs += performance.now() - stalledMs;
    stalledMs = null;
    measured();
  }

  function onMediaEvent(event: Event): void {
    if (!media) return;
    switch (event.type) {
      case "loadeddata":
        // Else `playing` follows as soon as nobody takes the processor.
        if (media.paused) frameIsThere();
        break;
      case "playing":
        frameIsThere();
        if (startupMs === null && loadingMs !== null) {
          startupMs = performance.now() - loadingMs;
          measured();
        }
        stallEnded();
        break;
      case "waiting":
        stallBegan(media);
        break;
      case "timeupdate":
        if (media.readyState >= HAVE_FUTURE_DATA) stallEnded();
        break;
      // What the viewer asked for is no rebuffering.
      case "seeking":
      case "pause":
        stallEnded();
        if (media.readyState >= HAVE_CURRENT_DATA) frameIsThere();
        break;
    }
    report();
  }

  return {
    loading(nowMs) {
      loadingMs ??= nowMs;
    },
    report,
    watch(element) {
      if (media === element) return;
      this.unwatch();
      media = element;
      for (const type of REPORT_EVENTS) element.addEventListener(type, onMediaEvent);
      document.addEventListener("visibilitychange", report);
      if (element.readyState >= HAVE_CURRENT_DATA) frameIsThere();
      report();
    },
    unwatch() {
      if (!media) return;
      stallEnded();
      for (const type of REPORT_EVENTS) media.removeEventListener(type, onMediaEvent);
      document.removeEventListener("visibilitychange", report);
      media = null;
    },
    starving() {
      if (!media) return true;
      return !media.paused && !media.ended && bufferedEndOf(media) - media.currentTime < STARVING_SECONDS;
    },
  };
}

/** End of the buffered stretch around the playhead, or the playhead itself. */
export function bufferedEndOf({ currentTime, buffered }: HTMLMediaElement): number {
  let end = currentTime;
  for (let i = 0; i < buffered.length; i++)
    if (buffered.start(i) <= end + HOLE_SECONDS) end = Math.max(end, buffered.end(i));
  return end;
}
