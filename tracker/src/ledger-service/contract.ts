import type { EgressReport, EgressVerdict } from "../adapters/database/egress.ts";
import type { LeaseRequest } from "../adapters/database/leases.ts";
import type { LedgerBatch } from "../adapters/database/settlement-inputs.ts";
import type { SettlementParameters } from "../ledger/settlement/parameters.ts";

export interface LedgerOptions {
  /** Holds the tracker's key, and the published log in `log/`. */
  readonly dataDir: string;
  /** A PostgreSQL URL or the path of a SQLite file. Default: a file in `dataDir`. */
  readonly database?: string;
  /** Names the log in its checkpoints, such as "tracker.example.com/log". Default: made of the tracker's key. */
  readonly logName?: string;
  /** Number n begins at n x epochMs. The same for the whole life of a ledger. */
  readonly epochMs: number;
  /** An epoch is settled so long after its close. Default: EPOCH_GRACE_MS. */
  readonly graceMs?: number;
  readonly parameters?: Partial<SettlementParameters>;
}

/** What came out of one epoch. Amounts in micro-units. */
export interface SettledEpoch {
  readonly epoch: number;
  readonly bytes: bigint;
  readonly paid: bigint;
  readonly collected: bigint;
  /** Pairs [uploader, downloader] whose accounts contradict each other. */
  readonly apart: readonly (readonly [Uint8Array, Uint8Array])[];
  /** Session keys that signed two claims for one receipt. */
  readonly liars: readonly Uint8Array[];
}

/** What one account earned from one publisher in one epoch. */
export interface Earning {
  readonly epoch: number;
  readonly publisher: Uint8Array;
  readonly bytes: bigint;
  /** Micro-units. */
  readonly paid: bigint;
  /** pending: in escrow. posted: final. voided: slashed. null: too little for a transfer. */
  readonly state: "pending" | "posted" | "voided" | null;
}

/** What a publisher was charged for one epoch. */
export interface Charge {
  readonly epoch: number;
  readonly amount: bigint;
  /** What its viewers delivered for it; null where an older version settled the epoch. */
  readonly bytes: bigint | null;
}

/** What this ledger pays by from now on. The numbers of an epoch that is settled are written down with it. */
export interface LedgerTerms {
  /** Number n begins at n x epochMs. */
  readonly epochMs: number;
  /** An epoch is settled so long after its close, and its rewards are pending for so long. */
  readonly graceMs: number;
  readonly escrowMs: number;
  /** Micro-units for 10^9 bytes: what a publisher pays, and what of it the viewer who served them gets. */
  readonly pricePerGb: number;
  readonly rewardPerGb: number;
}

export interface Spending {
  /** Not spent and not set aside. */
  readonly available: bigint;
  readonly setAside: bigint;
  readonly charges: readonly Charge[];
}

/** The ledger of one tracker. Amounts are micro-units; all writes are durable when their promise resolves. */
export interface Ledger {
  /** The log's key as verifiers take it: "name+c74f20a3+ARpc…". */
  readonly logKey: string;
  readonly terms: LedgerTerms;
  /** How long it took to open, whatever a crash had left to be done included. */
  readonly openedMs: number;
  /** For each statement whether it was taken: false for one of an epoch that is settled. */
  record(batch: LedgerBatch): Promise<boolean[]>;
  /**
   * Grants as they are stored: who keeps them reads them where they are kept. A grant that came from another thread
   * has a buffer for each of its fields, and a hundred thousand of those are what a heap is swept for.
   */
  findGrants(ids: readonly Uint8Array[]): Promise<Uint8Array[]>;
  /** What a publisher says of its CDN: what it gave out displaces nothing, and is not paid for. */
  reportEgress(report: EgressReport): Promise<EgressVerdict>;
  /** False where the publisher's balance does not cover it. */
  takeLease(request: LeaseRequest): Promise<boolean>;
  deposit(request: Omit<LeaseRequest, "epoch">): Promise<void>;
  /** Settles every epoch that is due, and publishes the log. Nothing where another settler is at work. */
  settleDue(nowMs: number): Promise<SettledEpoch[]>;
  /** Newest first. @param account Ed25519 public key, 32 bytes */
  earningsOf(account: Uint8Array): Promise<Earning[]>;
  /** A proof file (JSON) that anyone can check offline; null where nothing was earned. */
  proofOf(account: Uint8Array, publisher: Uint8Array, epoch: number): Promise<string | null>;
  spendingOf(publisher: Uint8Array): Promise<Spending>;
  close(): Promise<void>;
}
