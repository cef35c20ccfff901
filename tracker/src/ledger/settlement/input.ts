import { encodeHex, type Grant, type SegmentId, type StatementEntry } from "@tributary/protocol";
import type { Transfer } from "../transfers.ts";
import type { SettlementParameters } from "./parameters.ts";

/** What one epoch is settled by, its grants aside. */
export interface EpochFacts {
  readonly epoch: number;
  readonly opensMs: number;
  readonly closesMs: number;
  readonly parameters: SettlementParameters;
  /** Pending leases of this epoch: what publishers have set aside for it. */
  readonly leases: readonly Transfer[];
  /** Pending rewards whose escrow is over when this epoch closes. */
  readonly matured: readonly Transfer[];
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/** Some of the grants that are to be settled with an epoch, and what is known of them. Swarms and sessions in hex. */
export interface GrantBatch {
  /** Issued in this epoch, or put off by the last one. Over all batches in the order in which they begin, then by id. */
  readonly grants: readonly GrantToSettle[];
  /** By `swarmEpochOf`. */
  readonly swarms: ReadonlyMap<string, SwarmFacts>;
  /** By the session key in hex: those that the grants name. */
  readonly sessions: ReadonlyMap<string, SessionFacts>;
  /** A segment id's trusted roots and sizes, in a fixed order; several where names of resources collide. */
  readonly rootsOf: (swarm: string, segment: SegmentId) => readonly TrustedRoot[];
  /** How many bytes of a segment were paid for a downloader in earlier epochs. */
  readonly paidBefore: (downloader: string, segment: SegmentId) => number;
}

/** A grant is paid by what its swarm was in the epoch that it was issued in, also when it was put off. */
export const swarmEpochOf = ({ epoch, swarm }: Pick<Grant, "epoch" | "swarm">) =>
  `${epoch} ${encodeHex(swarm)}`;

export interface GrantToSettle {
  readonly grant: Grant;
  /** Ed25519 key of who is credited; null where the uploader showed no delegation. */
  readonly account: Uint8Array | null;
  /** Who is credited for what the downloader serves; it answers for what the downloader signs. Null: nobody. */
  readonly downloaderAccount: Uint8Array | null;
  /** True where the last settlement waited for the other side's statement. */
  readonly putOff: boolean;
  /** What each side stated, in the order of its statements. Their signatures are checked. */
  readonly uploader: readonly StatementEntry[];
  readonly downloader: readonly StatementEntry[];
}

/** Of one swarm in one epoch. */
export interface SwarmFacts {
  /** The highest bitrate of its renditions, audio included. */
  readonly bitrateBps: number;
  /** Of all its viewers, seen by the tracker. */
  readonly watchMs: number;
  /** What the publisher's CDN delivered; null where it does not report. */
  readonly egressBytes: number | null;
  /** Independently admitted networks that its viewers watch from. */
  readonly prefixes: number;
  /** What its viewers were paid for already: with the epoch itself, where this is one that something was put off from. */
  readonly paidBytes: number;
}

/** A session's totals since it began. */
export interface SessionTotals {
  /** As it stated. */
  readonly cdnBytes: number;
  /** Seen by the tracker. */
  readonly watchMs: number;
  /** Agreed bytes from peers and to peers, paid or not. */
  readonly receivedBytes: number;
  readonly servedBytes: number;
  /** Paid for what it served, and for what it received. */
  readonly earnedBytes: number;
  readonly boughtBytes: number;
}

export const NO_TOTALS: SessionTotals = {
  cdnBytes: 0,
  watchMs: 0,
  receivedBytes: 0,
  servedBytes: 0,
  earnedBytes: 0,
  boughtBytes: 0,
};

export interface SessionFacts {
  /** When the epoch before was settled. */
  readonly before: SessionTotals;
  /** Now, as it stated and as the tracker saw. */
  readonly cdnBytes: number;
  readonly watchMs: number;
  /** CDN bytes that it was told to fetch for others: duty and orders. */
  readonly dutyBytes: number;
}

export interface TrustedRoot {
  readonly root: Uint8Array;
  readonly sizeBytes: number;
}
