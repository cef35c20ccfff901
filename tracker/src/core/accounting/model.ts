import type { Claim, Grant, PayClass, Statement, SwarmId } from "@tributary/protocol";
import type { Session } from "../model.ts";
import type { TokenBucket } from "../token-bucket.ts";

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
  downloader: LastClaim | null;
  uploader: LastClaim | null;
}

/** Lives as long as its grant and is written over: a new one with each statement would be most of what there is to sweep. */
export type LastClaim = { -readonly [Key in Exclude<keyof Claim, "grantId">]: Claim[Key] };

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
  /** By which it may state without a connection. */
  readonly posts: TokenBucket;
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

/** One that nobody has looked at yet. */
export interface WaitingStatement {
  readonly source: Source;
  readonly sealed: Uint8Array;
  readonly arrivedMs: number;
}

export interface PendingStatement extends WaitingStatement {
  readonly statement: Statement;
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
  /** Before their turn at the checks, in the order in which they came. */
  readonly waiting: Set<WaitingStatement>;
  /**
   * By the number of their `check-statement`. A box for each, emptied in the end: a map leaves its table behind when it
   * makes a new one, and what the old one holds lives on until the whole heap is swept.
   */
  readonly checking: Map<number, { pending: PendingStatement | null }>;
  /** By the number of their `store-statement`. */
  readonly storing: Map<number, Pick<PendingStatement, "source"> & Pick<Statement, "seq">>;
  lastNumber: number;
  /** Statements of pages that closed, in `waiting`, `checking` and `storing`. */
  postsPending: number;
}

export function createAccounting(): Accounting {
  return {
    pairs: new Set(),
    grants: new Map(),
    claimants: new Map(),
    signing: new Map(),
    waiting: new Set(),
    checking: new Map(),
    storing: new Map(),
    lastNumber: 0,
    postsPending: 0,
  };
}
