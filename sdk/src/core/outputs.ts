import type { PeerKey, PeerMessage, SegmentId, SegmentKey } from "@tributary/protocol";
import type { ChunkHandle } from "./inputs.ts";
import type {
  CdnTimeouts,
  CoreEvent,
  FetchId,
  LoadFailure,
  LoadTiming,
  RequestId,
  SegmentSource,
  TrustedRoot,
} from "./model.ts";

/** Everything an engine can ask its adapters to do. Outputs are carried out in order. */
export type Output =
  // the CDN
  | {
      readonly type: "http-fetch";
      readonly fetch: FetchId;
      readonly segment: SegmentKey;
      readonly source: SegmentSource;
      /** Where in the segment the first byte belongs; above zero this is a Range request for the tail. */
      readonly offsetBytes: number;
      /** Exclusive end inside the segment, null for "to its end". */
      readonly endBytes: number | null;
      readonly timeouts: CdnTimeouts;
      /** The player's load this serves and may be carried by; null, for none yet, only before `cdn-through-player`. */
      readonly request: RequestId | null;
    }
  | { readonly type: "http-abort"; readonly fetch: FetchId }
  // peers
  /** Startup is over: from now on offers of others may be answered. Comes once, before any `connect-peer`. */
  | { readonly type: "admit-peers" }
  | { readonly type: "connect-peer"; readonly peer: PeerKey }
  | { readonly type: "close-peer"; readonly peer: PeerKey; readonly reason: string }
  | {
      readonly type: "send-to-peer";
      readonly peer: PeerKey;
      readonly message: Exclude<PeerMessage, { type: "piece" | "piece-hashes" }>;
    }
  /** Send these bytes of a stored segment as PIECE messages in chunks of 16 KiB. */
  | {
      readonly type: "send-piece";
      readonly peer: PeerKey;
      readonly requestId: number;
      readonly segment: SegmentKey;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
  /** Send the stored piece list of a segment as PIECE_HASHES. */
  | { readonly type: "send-hashes"; readonly peer: PeerKey; readonly segment: SegmentKey }
  // the store and integrity
  /** Bytes from a peer, not yet verified. `sizeBytes` is the whole segment's. */
  | {
      readonly type: "write-chunk";
      readonly segment: SegmentKey;
      readonly offsetBytes: number;
      readonly sizeBytes: number;
      readonly data: ChunkHandle;
    }
  /** Check a list against the root; where it holds the store keeps it. Answered by `list-checked`. */
  | {
      readonly type: "check-list";
      readonly segment: SegmentKey;
      readonly peer: PeerKey;
      readonly sizeBytes: number;
      readonly hashes: Uint8Array;
      readonly root: string;
    }
  /** Digest one stored piece and compare it with the kept list. Answered by `piece-checked`. */
  | {
      readonly type: "check-piece";
      readonly segment: SegmentKey;
      readonly piece: number;
      readonly check: number;
    }
  /** Compute and keep the list of a segment whose bytes are complete. Answered by `segment-hashed`. */
  | { readonly type: "hash-segment"; readonly segment: SegmentKey }
  | { readonly type: "evict"; readonly segment: SegmentKey }
  // the player
  /** Network time of this load began now: until then it only waited. */
  | { readonly type: "load-started"; readonly request: RequestId; readonly startMs: number }
  | {
      readonly type: "load-progress";
      readonly request: RequestId;
      readonly firstByteMs: number;
      readonly loadedBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly type: "deliver-segment";
      readonly request: RequestId;
      readonly segment: SegmentKey;
      readonly sizeBytes: number;
      readonly timing: LoadTiming;
    }
  | { readonly type: "fail-segment"; readonly request: RequestId; readonly failure: LoadFailure }
  // the tracker
  /** Ask for more partners. */
  | { readonly type: "announce"; readonly wantedPeers: number }
  | {
      readonly type: "ask-roots";
      readonly segments: readonly { readonly id: SegmentId; readonly source: SegmentSource }[];
    }
  | { readonly type: "report-root-conflict"; readonly segment: SegmentId }
  /** Tell the tracker who sent false bytes. */
  | { readonly type: "report-peer"; readonly peer: PeerKey }
  // accounts
  /** A piece that this peer sent matched the trusted root; `complete`: the whole segment is here now. */
  | {
      readonly type: "piece-proved";
      readonly peer: PeerKey;
      readonly segment: SegmentId;
      readonly root: TrustedRoot;
      readonly bytes: number;
      readonly complete: boolean;
    }
  // the page
  | { readonly type: "event"; readonly event: CoreEvent };
