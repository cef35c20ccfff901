import type {
  BrokenRule,
  ClientMessageOf,
  Grant,
  SegmentId,
  SegmentRoot,
  SwarmId,
  TrackerMessage,
} from "@tributary/protocol";
import type { PostId, StatementRecord } from "./accounting/model.ts";
import type { SessionId, SwarmKey, VerifierSource } from "./model.ts";

/** Everything a tracker can ask its adapters to do. Outputs are carried out in order. */
export type Output =
  | { readonly type: "send"; readonly session: SessionId; readonly message: TrackerMessage }
  /** Sign the roots with the tracker's key and send HASHES to all of these. */
  | {
      readonly type: "send-roots";
      readonly sessions: readonly SessionId[];
      readonly swarm: SwarmId;
      readonly roots: readonly SegmentRoot[];
    }
  /** Close once everything sent before is flushed. The core knows the session no more. */
  | { readonly type: "close"; readonly session: SessionId; readonly reason: string }
  /** Check the signature over `helloPreimage`. Answered by `hello-checked`. */
  | {
      readonly type: "check-hello";
      readonly session: SessionId;
      readonly nonce: Uint8Array;
      readonly hello: ClientMessageOf<"hello">;
    }
  /** Fetch the segment and compute its root. Answered by `segment-verified`. */
  | {
      readonly type: "verify-segment";
      readonly swarm: SwarmKey;
      readonly segment: SegmentId;
      /** SHA-256 of the source's name. */
      readonly name: Uint8Array;
      readonly source: VerifierSource;
    }
  /** Sign these with the tracker's key, and keep them for `check-statement`. Answered by `grants-signed`. */
  | { readonly type: "sign-grants"; readonly number: number; readonly grants: readonly Grant[] }
  /** Check the signature, and look up grants that were issued before a restart. Answered by `statement-checked`. */
  | {
      readonly type: "check-statement";
      readonly number: number;
      readonly sessionKey: Uint8Array;
      readonly preimage: Uint8Array;
      readonly signature: Uint8Array;
      readonly unknownGrants: readonly Uint8Array[];
      /** Receipts that prove an uploader's claims; the key is null where the grant is one of `unknownGrants`. */
      readonly held: readonly {
        readonly grantId: Uint8Array;
        readonly key: Uint8Array | null;
        readonly preimage: Uint8Array;
        readonly signature: Uint8Array;
      }[];
    }
  /** Make it durable. Answered by `statement-stored` when a crash can no longer lose it. */
  | { readonly type: "store-statement"; readonly number: number; readonly record: StatementRecord }
  /** Answer the HTTP request; `wrong` is null where its statement is durable. */
  | { readonly type: "answer-post"; readonly request: PostId; readonly wrong: BrokenRule | null };
