import type { ClientMessage, ErrorCode, PeerId, SegmentKey } from "@tributary/protocol";
import type { Admission, SessionId, SwarmKey } from "./model.ts";

/** Everything that can happen to a tracker. All of its state changes come from these. */
export type Input =
  | {
      readonly type: "opened";
      readonly session: SessionId;
      /** The client's IP address as text. */
      readonly address: string;
      /** 32 random bytes that nobody can guess. */
      readonly nonce: Uint8Array;
    }
  | {
      readonly type: "message";
      readonly session: SessionId;
      readonly message: ClientMessage;
      readonly sizeBytes: number;
    }
  /** A HELLO of another version, whatever else may be in it. */
  | {
      readonly type: "foreign-hello";
      readonly session: SessionId;
      readonly version: number;
      readonly sizeBytes: number;
    }
  /** The client sent something that does not decode; `reason` says why. */
  | {
      readonly type: "garbage";
      readonly session: SessionId;
      readonly reason: string;
      readonly sizeBytes: number;
    }
  /** The client sent more than a message may hold. */
  | { readonly type: "oversized"; readonly session: SessionId; readonly sizeBytes: number }
  /** The answer to `check-hello`. */
  | { readonly type: "hello-checked"; readonly session: SessionId; readonly verdict: HelloVerdict }
  | { readonly type: "closed"; readonly session: SessionId }
  /** The answer to `verify-segment`. */
  | {
      readonly type: "segment-verified";
      readonly swarm: SwarmKey;
      readonly segment: SegmentKey;
      readonly result: VerifyResult;
    }
  | { readonly type: "shutdown" }
  | { readonly type: "tick" };

export type HelloVerdict =
  | {
      readonly kind: "signed";
      readonly peer: PeerId;
      /** Absent where no publisher vouches for the session: only an open tracker takes it then. */
      readonly admission?: Admission;
    }
  | { readonly kind: "unsigned"; readonly peer: PeerId }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly reason: string };

export type VerifyResult =
  | { readonly ok: true; readonly sizeBytes: number; readonly root: Uint8Array }
  | { readonly ok: false; readonly reason: string };
