import type { Transaction } from "kysely";
import type { EpochFacts } from "../../ledger/settlement/input.ts";
import { epochsHeld, type SettlementParameters } from "../../ledger/settlement/parameters.ts";
import type { TransferCode } from "../../ledger/transfers.ts";
import { transferOf } from "./postings.ts";
import type { Schema } from "./schema.ts";
import { sha256 } from "./sha256.ts";

export interface EpochToSettle {
  readonly epoch: number;
  readonly opensMs: number;
  readonly closesMs: number;
  /** What it posts goes to the addresses that count by then. */
  readonly postedAtMs: number;
  readonly parameters: SettlementParameters;
  /** Keeps who watched what, and payouts' salts, from whoever reads the tables or the log. 32 bytes. */
  readonly secret: Uint8Array;
}

type Tx = Transaction<Schema>;

/** Reads what an epoch is settled by, its grants aside. */
export async function readEpochFacts(transaction: Tx, settling: EpochToSettle): Promise<EpochFacts> {
  const { epoch, opensMs, closesMs, parameters } = settling;
  const leases = await readUnresolved(transaction, "lease", null, BigInt(epoch));
  const matured = await readMatured(transaction, settling);
  return {
    epoch,
    opensMs,
    closesMs,
    parameters,
    leases: leases.map(transferOf),
    matured: matured.map(transferOf),
    sha256,
  };
}

/** Pending transfers of a code that nothing has posted or voided, of the epochs above `after` up to `last`. */
async function readUnresolved(transaction: Tx, code: TransferCode, after: bigint | null, last: bigint) {
  return transaction
    .selectFrom("transfer as pending")
    .leftJoin("transfer as resolution", "resolution.pending_id", "pending.id")
    .selectAll("pending")
    .where("pending.code", "=", code)
    .where("pending.state", "=", "pending")
    .where("pending.epoch", ">", after ?? -1n)
    .where("pending.epoch", "<=", last)
    .where("resolution.id", "is", null)
    .orderBy("pending.id")
    .execute();
}

/** Rewards whose escrow ended since the epoch before: those were released with it. */
async function readMatured(transaction: Tx, { epoch, opensMs, closesMs, parameters }: EpochToSettle) {
  const epochMs = closesMs - opensMs;
  const before = await transaction
    .selectFrom("epoch")
    .select(["n", "parameters"])
    .orderBy("n", "desc")
    .executeTakeFirst();
  const { escrowMs } = before ? (JSON.parse(before.parameters) as SettlementParameters) : parameters;
  const after = before === undefined ? null : before.n - epochsHeld(escrowMs, epochMs);
  const last = BigInt(epoch) - epochsHeld(parameters.escrowMs, epochMs);
  return readUnresolved(transaction, "reward", after, last);
}
