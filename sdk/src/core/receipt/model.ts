import type { Claim, ErrorCode, Grant, Link, PeerKey, SegmentId, SegmentKey } from "@tributary/protocol";

export interface AccountsConfig {
  readonly sessionKey: Uint8Array;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** What this session took from the CDN so far. */
  readonly cdnBytes: () => number;
}

/** What the accounts hear of. Signatures are asked for and come back later. */
export type AccountsInput =
  /** A tracker session begins; `timeMs` is the tracker's clock. */
  | { readonly type: "welcome"; readonly timeMs: number }
  | { readonly type: "tracker-lost" }
  | { readonly type: "granted"; readonly grants: readonly Uint8Array[] }
  | { readonly type: "link"; readonly peer: PeerKey; readonly open: boolean }
  /** Bytes of a segment that came from this peer matched the trusted root; `complete`: the whole segment is here. */
  | {
      readonly type: "proved";
      readonly peer: PeerKey;
      readonly segment: SegmentId;
      /** 32 bytes. */
      readonly root: Uint8Array;
      readonly bytes: number;
      readonly complete: boolean;
    }
  /** Bytes of a segment were given to this peer's channel. */
  | {
      readonly type: "sent";
      readonly peer: PeerKey;
      readonly segment: SegmentKey;
      /** Null where this viewer knows none: the accumulator is then taken on trust. */
      readonly root: Uint8Array | null;
      readonly bytes: number;
      readonly segmentBytes: number;
    }
  | { readonly type: "receipt"; readonly peer: PeerKey; readonly bytes: Uint8Array }
  | { readonly type: "signed"; readonly job: number; readonly signature: Uint8Array }
  | { readonly type: "verified"; readonly job: number; readonly valid: boolean }
  | { readonly type: "acked"; readonly seq: number }
  | { readonly type: "refused"; readonly code: ErrorCode }
  | { readonly type: "tick" };

/** What `engine.on("receipt")` tells. */
export interface ReceiptNews {
  readonly type: "receipt";
  readonly peer: PeerKey;
  /** "given" for what came from the peer, "held" for what went to it. */
  readonly direction: "given" | "held";
  /** Since the receipt before. */
  readonly bytes: number;
  /** Of the grant. */
  readonly totalBytes: number;
  readonly epoch: number;
  readonly paid: boolean;
}

export type AccountsOutput =
  | { readonly type: "sign"; readonly job: number; readonly preimage: Uint8Array }
  | {
      readonly type: "verify";
      readonly job: number;
      readonly key: Uint8Array;
      readonly preimage: Uint8Array;
      readonly signature: Uint8Array;
    }
  | { readonly type: "give-receipt"; readonly peer: PeerKey; readonly bytes: Uint8Array }
  /** To the tracker. Answered by `acked` or `refused`, or by nothing where it gets lost. */
  | { readonly type: "state"; readonly bytes: Uint8Array }
  /** Whether this peer may be served: not while it owes receipts. */
  | { readonly type: "credit"; readonly peer: PeerKey; readonly good: boolean }
  | { readonly type: "event"; readonly event: ReceiptNews };

/** One grant and what was receipted over it. */
export interface Book {
  readonly id: string;
  readonly grant: Grant;
  readonly role: "downloader" | "uploader";
  readonly peer: PeerKey;
  /** Of the last receipt that was given or taken. */
  claim: Claim | null;
  /** That receipt as it travels. */
  sealed: Uint8Array | null;
  /** Those that were given last, that one included: a link that breaks may lose them. */
  readonly given: Uint8Array[];
  /** A receipt is missing among those that were taken: no accumulator after it can be checked, nor paid by it. */
  hasGap: boolean;
  /** The end of the chain: what no statement has been acknowledged for. */
  links: Link[];
  ackedSeq: number;
  /** A signature of this book is being made or checked. */
  busy: boolean;
  /** The tracker does not want to hear of it. */
  refused: boolean;
}

export interface Counters {
  receiptsGiven: number;
  receiptsTaken: number;
  receiptsRefused: number;
  statementsAcked: number;
  statementsRefused: number;
  chokes: number;
}

/** One step of the accounts: both clocks, and where effects go. */
export interface AccountsStep {
  readonly nowMs: number;
  /** The tracker's clock, null before the first WELCOME. */
  readonly trackerMs: number;
  readonly out: AccountsOutput[];
}

/** Has the session key sign; `done` comes in a later step. */
export type Sign = (
  preimage: Uint8Array,
  step: AccountsStep,
  done: (signature: Uint8Array, step: AccountsStep) => void,
) => void;
