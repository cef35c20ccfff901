import type { PeerKey, PeerMessage, SegmentKey } from "@tributary/protocol";
import type { CdnTimeouts, FetchId, RequestId, SegmentInfo, TrackView, TrustedRoot } from "./model.ts";

/** The bytes of a chunk pass through the core unread: only the adapters look inside. */
export type ChunkHandle = Uint8Array;

/** Everything that can happen to an engine. All of its state changes come from these. */
export type Input =
  // the player
  | { readonly type: "playlist-updated"; readonly view: TrackView }
  | {
      readonly type: "segment-wanted";
      readonly request: RequestId;
      readonly segment: SegmentInfo;
      readonly kind: "main" | "audio";
      readonly timeouts: CdnTimeouts;
      /** False for loads that must never wait for or use peers (bitrate tests, ad assets): CDN pass-through. */
      readonly shareable: boolean;
    }
  | { readonly type: "segment-cancelled"; readonly request: RequestId }
  | {
      readonly type: "playhead";
      readonly positionMs: number;
      readonly rate: number;
      /** End of the buffered range that holds the playhead; equal to positionMs where nothing is buffered. */
      readonly bufferedEndMs: number;
      readonly paused: boolean;
      readonly hidden: boolean;
    }
  /** The first frame can be shown. */
  | { readonly type: "first-frame" }
  /** The media element ran dry after playback had begun. */
  | { readonly type: "stalled" }
  // the CDN
  /** From now on only the player's own loads reach it: the page made their loader, and nobody else knows how. */
  | { readonly type: "cdn-through-player" }
  | {
      readonly type: "http-started";
      readonly fetch: FetchId;
      /** Bytes of the segment that this exchange will bring, null while unknown. */
      readonly expectedBytes: number | null;
      /** A range was asked for, and what comes is the whole segment from its start. */
      readonly rangeIgnored: boolean;
    }
  /** `receivedBytes` counts from the start of this exchange; they are in the store already. */
  | { readonly type: "http-progress"; readonly fetch: FetchId; readonly receivedBytes: number }
  | {
      readonly type: "http-done";
      readonly fetch: FetchId;
      readonly receivedBytes: number;
      /** What the network took, where that was heard of afterwards; otherwise the times of these inputs tell it. */
      readonly took?: { readonly firstByteMs: number; readonly bodyMs: number };
    }
  | {
      readonly type: "http-failed";
      readonly fetch: FetchId;
      readonly reason: "network" | "timeout" | "status" | "range-ignored";
      readonly status: number;
      readonly text: string;
    }
  // peers
  /** The tracker proposed these; `ticket` ranks them. Connecting is the core's decision. */
  | {
      readonly type: "peers-named";
      readonly peers: readonly { readonly peer: PeerKey; readonly ticket: number }[];
    }
  /** The tracker heard from several viewers that these lie. */
  | { readonly type: "peers-banned"; readonly peers: readonly PeerKey[] }
  | { readonly type: "peer-connected"; readonly peer: PeerKey; readonly ticket: number }
  | { readonly type: "peer-closed"; readonly peer: PeerKey; readonly reason: string }
  | {
      readonly type: "peer-message";
      readonly peer: PeerKey;
      readonly message: Exclude<PeerMessage, { type: "piece" }>;
    }
  | {
      readonly type: "chunk-received";
      readonly peer: PeerKey;
      readonly requestId: number;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
      readonly data: ChunkHandle;
    }
  /** The bytes still waiting in the channel's send buffer, reported after sends and when it drains. */
  | { readonly type: "peer-buffered"; readonly peer: PeerKey; readonly bufferedBytes: number }
  /** The accounts' word on a neighbour: one that owes receipts is not served until it gives some. */
  | { readonly type: "credit"; readonly peer: PeerKey; readonly good: boolean }
  /** The link delivered something that does not decode. */
  | { readonly type: "peer-garbage"; readonly peer: PeerKey; readonly reason: string }
  // integrity
  /** The piece list that `peer` sent hashes to the trusted root, or does not. */
  | {
      readonly type: "list-checked";
      readonly segment: SegmentKey;
      readonly peer: PeerKey;
      readonly valid: boolean;
    }
  | {
      readonly type: "piece-checked";
      readonly segment: SegmentKey;
      readonly piece: number;
      /** As given in `check-piece`. */
      readonly check: number;
      readonly valid: boolean;
    }
  /** The store has computed the list of a segment that is complete from the CDN. */
  | {
      readonly type: "segment-hashed";
      readonly segment: SegmentKey;
      readonly sizeBytes: number;
      readonly root: string;
    }
  /** Another viewer's bytes contradict the verifier's root of it. */
  | { readonly type: "root-contradicted"; readonly segment: SegmentKey }
  | {
      readonly type: "roots";
      readonly roots: readonly { readonly segment: SegmentKey; readonly root: TrustedRoot }[];
    }
  // the tracker
  /** A session is being opened; `peers-named` or `tracker-lost` ends that. */
  | { readonly type: "tracker-joining" }
  | { readonly type: "tracker-ready"; readonly p2pAllowed: boolean; readonly verifier: boolean }
  | { readonly type: "tracker-lost" }
  | {
      readonly type: "swarm";
      readonly viewerCount: number;
      readonly copiesTarget: number;
      readonly ticket: number;
    }
  // the page
  | {
      readonly type: "upload-policy";
      readonly allowed: boolean;
      readonly maxBps: number;
      /** All that this session may send, what it has sent included. */
      readonly maxBytes: number;
    }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "tick" };
