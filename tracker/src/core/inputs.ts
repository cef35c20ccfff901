import type { BrokenRule, ClientMessage, ErrorCode, Grant, PeerId, SegmentKey } from "@tributary/protocol";
import type { PostId } from "./accounting/model.ts";
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
      /** As `verify-segment` had it. */
      readonly name: Uint8Array;
      readonly result: VerifyResult;
    }
  /** The answer to `sign-grants`: the sealed grants in its order. */
  | { readonly type: "grants-signed"; readonly number: number; readonly sealed: readonly Uint8Array[] }
  /** A page that closed sent its last statement by HTTP. Answered by `answer-post`. */
  | {
      readonly type: "statement-posted";
      readonly request: PostId;
      /** The client's IP address as text. */
      readonly address: string;
      readonly bytes: Uint8Array;
    }
  /** The answer to `check-statement`. */
  | { readonly type: "statement-checked"; readonly check: StatementCheck }
  /** The answer to `store-statement`; false where it could not be made durable. */
  | { readonly type: "statement-stored"; readonly number: number; readonly stored: boolean }
  /**
   * Epochs were settled, and the accounts of these pairs of session keys contradict each other there. Takes the place
   * of what was told before.
   */
  | { readonly type: "pairs-apart"; readonly pairs: readonly (readonly [Uint8Array, Uint8Array])[] }
  | { readonly type: "shutdown" }
  | { readonly type: "tick" };

export type HelloVerdict =
  | {
      readonly kind: "signed";
      readonly peer: PeerId;
      /** Absent where no publisher vouches for the session: only an open tracker takes it then. */
      readonly admission?: Admission;
      /** What it wants to earn for; absent: nothing. */
      readonly delegation?: DelegationVerdict;
    }
  | { readonly kind: "unsigned"; readonly peer: PeerId }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly reason: string };

export type DelegationVerdict =
  | {
      readonly ok: true;
      readonly account: Uint8Array;
      readonly publisher: Uint8Array;
      /** By the tracker's clock. */
      readonly expiryMs: number;
    }
  | ({ readonly ok: false } & BrokenRule);

/** What was found out about a `check-statement`. */
export interface StatementCheck {
  readonly number: number;
  /** Null where the signature is true. */
  readonly fault: BrokenRule | null;
  /** Those of the `unknownGrants` that the store knows. */
  readonly grants: readonly Grant[];
}

export type VerifyResult =
  | { readonly ok: true; readonly sizeBytes: number; readonly root: Uint8Array }
  | { readonly ok: false; readonly reason: string };
