import type { Transaction } from "kysely";
import { peerAccount } from "../../ledger/accounts.ts";
import type { Transfer } from "../../ledger/transfers.ts";
import { transferOf } from "./postings.ts";
import { readIn } from "./read-in.ts";
import type { Schema } from "./schema.ts";

/** All pending rewards of these accounts. */
export async function readDeposits(
  transaction: Transaction<Schema>,
  accounts: readonly Uint8Array[],
): Promise<Transfer[]> {
  const suspects = new Set(accounts.map((account) => peerAccount(account).id));
  const rows = await readIn([...suspects], (chunk) =>
    transaction
      .selectFrom("transfer as pending")
      .leftJoin("transfer as resolution", "resolution.pending_id", "pending.id")
      .selectAll("pending")
      .where("pending.code", "=", "reward")
      .where("pending.state", "=", "pending")
      .where("pending.credit", "in", chunk)
      .where("resolution.id", "is", null)
      .orderBy("pending.id")
      .execute(),
  );
  return rows.map(transferOf);
}
