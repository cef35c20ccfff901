import type { EngineEvents, EngineOptions, EngineStats } from "@tributary/sdk";
import type { HlsConfig } from "hls.js";

/** Ways in which a page may have customised how hls.js loads; each sends `X-Viewer: page-made` with its requests. */
export type PageLoading = "stock" | "loader" | "fLoader" | "xhrSetup" | "fetchSetup";

/** How a viewer page plays. Everything crosses into the page as JSON. */
export interface ViewerConfig {
  /** URL of the multivariant playlist, relative to the viewer's own origin. */
  readonly stream: string;
  /** Null = plain hls.js, without the SDK. */
  readonly engine: EngineOptions | null;
  readonly hls: Partial<HlsConfig>;
  readonly loading: PageLoading;
  /** Browsers pause a silent video in a hidden tab; on a busy machine sound stutters where there is no sound card. */
  readonly sound: boolean;
}

/** One segment or part as it was handed to hls.js. */
export interface Delivery {
  readonly path: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  /** Null = the whole resource; `end` is exclusive. */
  readonly range: { readonly start: number; readonly end: number } | null;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** From hls.js's request to its answer; `atMs` of that, on the page's clock. */
  readonly tookMs: number;
  readonly atMs: number;
}

export interface PlayerError {
  readonly type: string;
  readonly details: string;
  readonly fatal: boolean;
  /** HTTP status where there was one. */
  readonly status: number | null;
  /** Media ahead of the playhead, where the error is about that. */
  readonly bufferedS: number | null;
}

export interface ViewerReport {
  readonly currentTimeS: number;
  readonly durationS: number;
  readonly bufferedEndS: number;
  readonly paused: boolean;
  readonly hidden: boolean;
  /** From the load of the playlist to the first picture that moves; null before. */
  readonly startupMs: number | null;
  /** Times the player ran out of data after that, seeks excluded. */
  readonly stalls: number;
  readonly errors: readonly PlayerError[];
  readonly latencyS: number | null;
  readonly levels: readonly number[];
  readonly audioTracks: readonly string[];
  readonly deliveries: readonly Delivery[];
  readonly stats: EngineStats | null;
  readonly explain: string | null;
  readonly warnings: readonly EngineEvents["warning"][];
  readonly segments: readonly EngineEvents["segment"][];
  readonly peers: readonly EngineEvents["peer"][];
  readonly receipts: readonly EngineEvents["receipt"][];
}

/** `window.viewer` of a viewer page. */
export interface ViewerPage {
  play(config: ViewerConfig): Promise<void>;
  report(): Promise<ViewerReport>;
  /** Another title in the same player; a path at the viewer's own origin, or a URL. */
  loadSource(url: string): void;
  seek(toS: number): void;
  /** Pins the level, -1 = automatic. */
  setLevel(level: number): void;
  setAudioTrack(id: number): void;
  pauseEngine(): void;
  resumeEngine(): void;
  destroyEngine(): Promise<void>;
  destroyPlayer(): void;
}
