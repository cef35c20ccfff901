import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import type { PlayerError } from "./contract.ts";

/** With more than this ahead a picture that stands still waits for the decoder, that is for the machine. */
export const DRY_S = 0.5;

export interface Playback {
  startupMs(): number | null;
  stalls(): number;
  readonly errors: readonly PlayerError[];
  readonly levels: readonly number[];
}

/** Watches a player from the moment it is told what to load. */
export function watchPlayback(hls: Hls, HlsClass: typeof Hls, video: HTMLVideoElement): Playback {
  const loadedAtMs = performance.now();
  const errors: PlayerError[] = [];
  const levels: number[] = [];
  let startupMs: number | null = null;
  let stalls = 0;

  video.addEventListener("playing", () => (startupMs ??= performance.now() - loadedAtMs));
  video.addEventListener("waiting", () => {
    const isDry = aheadS(video) < DRY_S;
    if (startupMs !== null && isDry && !video.seeking && !video.ended) stalls += 1;
  });
  hls.on(HlsClass.Events.ERROR, (_event, data) => errors.push(plainError(data)));
  hls.on(HlsClass.Events.LEVEL_SWITCHED, (_event, { level }) => levels.push(level));
  return { startupMs: () => startupMs, stalls: () => stalls, errors, levels };
}

export function aheadS({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i))
      return buffered.end(i) - currentTime;
  }
  return 0;
}

function plainError({ type, details, fatal, response, buffer }: ErrorData): PlayerError {
  return { type, details, fatal, status: response?.code ?? null, bufferedS: buffer ?? null };
}
