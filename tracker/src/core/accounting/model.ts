import type { Claim, Grant, PayClass, Statement, SwarmId } from "@tributary/protocol";
import type { Session } from "../model.ts";

/** What becomes durable before it is acknowledged. Its signatures are true, and its grants fit it. */
export interface StatementRecord {
  readonly statement: Statement;
  /** As it came, signature included. */
  readonly sealed: Uint8Array;
  /** By the tracker's clock, which decides. */
  readonly arrivedMs: number;
  /** One for each entry, in the entries' order. */
  readonly grants: readonly Grant[];
  /** Public key of the account that the session showed a delegation from; null: nobody is credited. */
  readonly account: Uint8Array | null;
}

/** A grant as long as statements may speak of it, with the last claim taken from each side. */
export interface GrantRecord {
  readonly grant: Grant;
  downloader: Claim | null;
  uploader: Claim | null;
}

/** Two sessions with grants for both directions. */
export interface Pair {
  readonly one: Session;
  readonly other: Session;
  /** Their session keys, in that order. */
  readonly keys: readonly [Uint8Array, Uint8Array];
  readonly publisher: Uint8Array;
  readonly swarm: SwarmId;
  readonly payClass: PayClass;
  /** Of the last grants issued: the next ones begin there. */
  expiryMs: number;
  renewAtMs: number;
}

/** One session key and what was taken from it, whatever connections it came by. */
export interface Claimant {
  /** The highest of the statements taken, and those just below it that were taken too. */
  seq: number;
  readonly taken: Set<number>;
  /** Of the delegation that its last HELLO showed. */
  credit: { readonly account: Uint8Array; readonly expiryMs: number } | null;
  seenAtMs: number;
}

/** Where a statement came from: a connection, or a page that closed. */
export type Source =
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "post"; readonly request: PostId };

/** Names one HTTP request; given out by the caller. */
export type PostId = number;

export interface PendingStatement {
  readonly source: Source;
  readonly statement: Statement;
  readonly sealed: Uint8Array;
  readonly arrivedMs: number;
  /** Of the entries' grants; null for those that the store has to be asked for. */
  readonly records: readonly (GrantRecord | null)[];
}

/** Everything the core remembers of who served whom. */
export interface Accounting {
  readonly pairs: Set<Pair>;
  /** By grant id in hex. */
  readonly grants: Map<string, GrantRecord>;
  /** By session key in hex. */
  readonly claimants: Map<string, Claimant>;
  /** By the number of their `sign-grants`. */
  readonly signing: Map<number, readonly { readonly pair: Pair; readonly grants: readonly Grant[] }[]>;
  /** By the number of their `check-statement`. */
  readonly checking: Map<number, PendingStatement>;
  /** By the number of their `store-statement`. */
  readonly storing: Map<number, PendingStatement>;
  lastNumber: number;
  /** Statements of pages that closed, in `checking` and `storing`. */
  postsPending: number;
}

export function createAccounting(): Accounting {
  return {
    pairs: new Set(),
    grants: new Map(),
    claimants: new Map(),
    signing: new Map(),
    checking: new Map(),
    storing: new Map(),
    lastNumber: 0,
    postsPending: 0,
  };
}
