import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import type { PlayerError } from "./contract.ts";

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
    if (startupMs !== null && !video.seeking && !video.ended) stalls += 1;
  });
  hls.on(HlsClass.Events.ERROR, (_event, data) => errors.push(plainError(data)));
  hls.on(HlsClass.Events.LEVEL_SWITCHED, (_event, { level }) => levels.push(level));
  return { startupMs: () => startupMs, stalls: () => stalls, errors, levels };
}

function plainError({ type, details, fatal, response }: ErrorData): PlayerError {
  return { type, details, fatal, status: response?.code ?? null };
}
