/** open: of an epoch that is not settled; put-off: waits for the other side's statement. */
export type GrantState = "open" | "put-off" | "settled";

export interface GrantedTable {
  id: Buffer;
  epoch: bigint;
  /** `grantMessage` of the protocol, without a signature: the tracker gave it out itself. */
  body: Buffer;
  state: GrantState;
}

export interface StatementTable {
  session: Buffer;
  seq: bigint;
  epoch: bigint;
  sealed: Buffer;
}

export interface SegmentRootTable {
  swarm: Buffer;
  /** As `segmentKeyOf` writes it. */
  segment: string;
  root: Buffer;
  size_bytes: bigint;
}

export interface SwarmEpochTable {
  swarm: Buffer;
  epoch: bigint;
  bitrate_bps: bigint;
  watch_ms: bigint;
  prefixes: bigint;
  /** What its viewers were paid for so far: of a settled epoch, while grants that it put off wait. */
  paid_bytes: bigint;
}

export interface EgressReportTable {
  swarm: Buffer;
  epoch: bigint;
  publisher: Buffer;
  bytes: bigint;
}

export interface SessionTable {
  key: Buffer;
  /** Who is credited for what it serves: Ed25519, 32 bytes. */
  account: Buffer | null;
  watch_ms: bigint;
  duty_bytes: bigint;
  settled_watch_ms: bigint;
  settled_cdn_bytes: bigint;
  received_bytes: bigint;
  served_bytes: bigint;
  earned_bytes: bigint;
  bought_bytes: bigint;
  /** Last seen in. */
  epoch: bigint;
}

export interface PaidSegmentTable {
  key: Buffer;
  bytes: bigint;
  /** Last paid in. */
  epoch: bigint;
}

export interface PayoutTable {
  epoch: bigint;
  leaf: bigint;
  account: Buffer;
  publisher: Buffer;
  paid: bigint;
  /** `payoutRecord` of the protocol. */
  record: Buffer;
  salt: Buffer;
}

/** The part of an epoch's payouts tree that is kept, as `payout-tree.ts` writes it. */
export interface PayoutTreeTable {
  epoch: bigint;
  nodes: Buffer;
}

/** The sum of an epoch's payouts that a publisher pays. */
export interface SpentTable {
  publisher: Buffer;
  epoch: bigint;
  bytes: bigint;
}

export interface SettledTable {
  grant_id: Buffer;
  epoch: bigint;
  /** `settledRecord` of the protocol. */
  record: Buffer;
}

export interface LieTable {
  grant_id: Buffer;
  epoch: bigint;
  downloader: Buffer;
  receipt: Buffer;
  statement: Buffer;
  /** That lost what it had in escrow for it. */
  account: Buffer | null;
}

/** Of one settlement's transaction alone: entries of statements, as `readStatementEntries` reads them. */
export interface ToldTable {
  grant_id: Buffer;
  session: Buffer;
  /** In the order in which they were told. */
  place: bigint;
  entries: Buffer;
}

/** Of one settlement's transaction alone: the grants to be settled, in their order. */
export interface DueGrantTable {
  place: bigint;
  id: Buffer;
}

export interface SettlementTables {
  granted: GrantedTable;
  statement: StatementTable;
  segment_root: SegmentRootTable;
  swarm_epoch: SwarmEpochTable;
  egress_report: EgressReportTable;
  session: SessionTable;
  paid_segment: PaidSegmentTable;
  payout: PayoutTable;
  payout_tree: PayoutTreeTable;
  spent: SpentTable;
  settled: SettledTable;
  lie: LieTable;
  told: ToldTable;
  due_grant: DueGrantTable;
}
