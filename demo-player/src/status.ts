/** Viewers that one page shows, and so the media ports that its server opens. */
export const VIEWERS_MAX = 8;

/** What the page learns from its server: `GET /api/status`. */
export interface DemoStatus {
  readonly tracker: TrackerStatus;
  /** One media port per viewer: the browser opens six connections per host and port, which viewers must not share. */
  readonly media: readonly MediaStatus[];
  readonly streams: { readonly vod: string; readonly live: string };
  /** Names the titles: what the tracker pays by it reads in the playlists there. */
  readonly titles: string;
}

export interface TrackerStatus {
  readonly state: TrackerProcessState;
  /** WebSocket address; stays the same over restarts. */
  readonly url: string;
}

export type TrackerProcessState = "starting" | "running" | "down";

export interface MediaStatus {
  readonly url: string;
  /** Media bytes that left this port since the start, the tracker's integrity checks included. */
  readonly sentBytes: number;
}

/** What `POST /api/tracker` takes as JSON. */
export interface TrackerCommand {
  readonly action: "kill" | "start";
}

/** A page of another site cannot send this header without a preflight, which is never granted. */
export const COMMAND_HEADER = "x-tributary-demo";
