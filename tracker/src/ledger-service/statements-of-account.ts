import { encodeHex } from "@tributary/protocol";
import { formatPayoutProof, formatTlogProof, type PayoutRecord, payoutRecord } from "@tributary/protocol/log";
import { latestCheckpoint, proveInclusion } from "../adapters/database/log-store.ts";
import type { Database } from "../adapters/database/open-database.ts";
import { provePayout } from "../adapters/database/payout-tree.ts";
import { peerAccount, publisherAccount } from "../ledger/accounts.ts";
import type { Charge, Earning, Spending } from "./contract.ts";

/** What one page shows. */
const ROWS_MAX = 1_000;

export async function readEarnings(database: Database, account: Uint8Array): Promise<Earning[]> {
  const rows = await database
    .selectFrom("payout")
    .select("record")
    .where("account", "=", Buffer.from(account))
    .orderBy("epoch", "desc")
    .limit(ROWS_MAX)
    .execute();
  const rewards = await database
    .selectFrom("transfer as reward")
    .leftJoin("transfer as resolution", "resolution.pending_id", "reward.id")
    .select(["reward.id", "resolution.state"])
    .where("reward.credit", "=", peerAccount(account).id)
    .where("reward.code", "=", "reward")
    .execute();
  const states = new Map(rewards.map(({ id, state }) => [id, state ?? "pending"]));
  return rows.map(({ record }) => {
    const { epoch, publisher, bytes, paid } = readRecord(record);
    const reward = `epoch/${epoch}/reward/${encodeHex(account)}/${encodeHex(publisher)}`;
    return { epoch, publisher, bytes, paid, state: states.get(reward) ?? null };
  });
}

function readRecord(record: Uint8Array): PayoutRecord {
  const decoded = payoutRecord.decode(record);
  if (!decoded.ok) throw new Error(`a stored payout cannot be read: ${decoded.reason}`);
  return decoded.value;
}

export async function proofOf(
  database: Database,
  account: Uint8Array,
  publisher: Uint8Array,
  epoch: number,
): Promise<string | null> {
  // Anybody may ask: nothing more is read but for those who have one.
  const found = await database
    .selectFrom("payout")
    .select("leaf")
    .where("account", "=", Buffer.from(account))
    .where("epoch", "=", BigInt(epoch))
    .where("publisher", "=", Buffer.from(publisher))
    .executeTakeFirst();
  if (found === undefined) return null;
  const checkpoint = await latestCheckpoint(database);
  if (checkpoint === null) return null;
  const leaf = Number(found.leaf);
  const { entry, record } = await database
    .selectFrom("epoch")
    .select(["entry", "record"])
    .where("n", "=", BigInt(epoch))
    .executeTakeFirstOrThrow();
  const index = Number(entry);
  return formatPayoutProof({
    leaf,
    ...(await provePayout(database, BigInt(epoch), leaf)),
    epochRecord: record,
    tlogProof: formatTlogProof({
      index,
      path: await proveInclusion(database, index, checkpoint.size),
      checkpoint: checkpoint.note,
    }),
  });
}

export async function readSpending(database: Database, publisher: Uint8Array): Promise<Spending> {
  const { id } = publisherAccount(publisher);
  const row = await database.selectFrom("account").selectAll().where("id", "=", id).executeTakeFirst();
  const charges = await database
    .selectFrom("transfer")
    .leftJoin("spent", (join) =>
      join.onRef("spent.epoch", "=", "transfer.epoch").on("spent.publisher", "=", Buffer.from(publisher)),
    )
    .select(["transfer.epoch", "transfer.amount", "spent.bytes"])
    .where("transfer.debit", "=", id)
    .where("transfer.code", "=", "charge")
    .orderBy("transfer.epoch", "desc")
    .limit(ROWS_MAX)
    .execute();
  return {
    available: row === undefined ? 0n : row.credits_posted - row.debits_posted - row.debits_pending,
    setAside: row?.debits_pending ?? 0n,
    charges: charges.map(({ epoch, amount, bytes }): Charge => ({ epoch: Number(epoch), amount, bytes })),
  };
}
