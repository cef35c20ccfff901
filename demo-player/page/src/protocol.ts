import type { EngineStats } from "@tributary/sdk";

/** What the page and the viewer frames say to each other. Every frame is one viewer: one player, one engine. */

export interface StartMessage {
  readonly type: "start";
  readonly url: string;
  readonly tracker: string;
  /** Null leaves the id to the engine: the origin and path of the playlist. */
  readonly contentId: string | null;
  readonly p2p: boolean;
}

export type ToViewer =
  | StartMessage
  | { readonly type: "p2p"; readonly on: boolean }
  /** Say goodbye and stop: the orderly way to leave. A killed viewer never gets this. */
  | { readonly type: "leave" };

export type PlayState = "loading" | "playing" | "stalled" | "ended" | "failed";

export interface ViewerReport {
  readonly state: PlayState;
  /** Plain words about a failure; empty otherwise. */
  readonly problem: string;
  readonly live: boolean;
  readonly positionS: number;
  readonly durationS: number;
  /** Distance behind the live edge; null for VOD and while unknown. */
  readonly latencyS: number | null;
  readonly bufferS: number;
  readonly stats: EngineStats;
  readonly explain: string;
}

/** One media segment that a player received, by source. */
export interface SegmentMark {
  readonly track: number;
  readonly sequence: number;
  readonly peerBytes: number;
  readonly cdnBytes: number;
}

export type FromViewer =
  | { readonly type: "ready" }
  | { readonly type: "report"; readonly report: ViewerReport }
  | { readonly type: "segment"; readonly mark: SegmentMark }
  | { readonly type: "warning"; readonly message: string }
  /** This browser cannot play HLS through hls.js at all. */
  | { readonly type: "unsupported"; readonly message: string }
  | { readonly type: "left" };

/**
 * Dispatched on a frame's window just before the page removes it, so that the frame keeps the coming `pagehide` from
 * its engine: a crashed viewer says no goodbye.
 */
export const VANISH_EVENT = "viewer-vanishes";
