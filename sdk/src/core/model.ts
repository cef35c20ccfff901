import type { PeerKey, SegmentId, SegmentKey, TrackId } from "@tributary/protocol";

/** A root that may be relied on: named in the playlist text or signed by the tracker's verifier. */
export interface TrustedRoot {
  /** SHA-256 root over the piece list, base64url without padding (43 characters). */
  readonly hash: string;
  readonly sizeBytes: number;
}

/** Where the bytes of a segment lie at the CDN. A range is absolute inside the resource. */
export interface SegmentSource {
  readonly url: string;
  readonly rangeStartBytes: number | null;
  readonly rangeLengthBytes: number | null;
}

/** One segment (or LL-HLS part) as a playlist describes it. Times are on the player's media timeline. */
export interface SegmentInfo {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly startMs: number;
  readonly durationMs: number;
  readonly source: SegmentSource;
  readonly root: TrustedRoot | null;
}

/** One rendition's media playlist as last parsed. `segments` are in order and hold what is listed now. */
export interface TrackView {
  readonly track: TrackId;
  readonly kind: "main" | "audio";
  readonly live: boolean;
  readonly targetDurationMs: number;
  /** Zero where the playlist has no parts. */
  readonly partTargetMs: number;
  /** The player can go on with a lower bitrate; absent = no. */
  readonly lower?: boolean;
  readonly segments: readonly SegmentInfo[];
}

/** Identifies one load that the player asked for; unique in the lifetime of an engine. */
export type RequestId = number;
/** Identifies one HTTP exchange; unique in the lifetime of an engine. */
export type FetchId = number;

export interface CdnTimeouts {
  readonly firstByteMs: number;
  readonly loadMs: number;
}

/**
 * What the loader writes into hls.js's `stats`, on the clock that `handle` is fed with.
 * HLSJS: `startMs` is when network time began (never the wait for a peer); for bytes from peers the three
 * times are chosen so that hls.js's bandwidth estimate follows the rate the CDN could sustain.
 */
export interface LoadTiming {
  readonly startMs: number;
  readonly firstByteMs: number;
  readonly endMs: number;
}

/** Why a load failed, as hls.js must hear it: a status of 0 is a network failure. */
export type LoadFailure =
  | { readonly kind: "network"; readonly status: number; readonly text: string }
  | { readonly kind: "timeout"; readonly text: string };

export type WarningCode =
  | "tracker-unreachable"
  | "tracker-refused"
  | "tracker-version"
  | "peer-garbage"
  | "peer-lied"
  | "peer-banned"
  | "root-conflict"
  | "range-unsupported"
  | "p2p-switched-off"
  | "p2p-unavailable"
  | "loader-unwrappable"
  | "stall-while-waiting"
  | "unpaid";

/** What `engine.on` hands to the page. */
export type CoreEvent =
  | {
      readonly type: "segment";
      readonly track: TrackId;
      readonly sequence: number;
      readonly part: number;
      readonly sizeBytes: number;
      readonly peerBytes: number;
      readonly cdnBytes: number;
      /** Peers whose verified pieces went into it. */
      readonly from: readonly PeerKey[];
    }
  | {
      readonly type: "peer";
      readonly peer: PeerKey;
      readonly state: "connected" | "closed";
      readonly reason: string;
    }
  | { readonly type: "warning"; readonly code: WarningCode; readonly message: string };
