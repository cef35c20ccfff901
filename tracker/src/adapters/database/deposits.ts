import type { Transaction } from "kysely";
import { peerAccount } from "../../ledger/accounts.ts";
import type { GrantToSettle } from "../../ledger/settlement/input.ts";
import { isLie } from "../../ledger/settlement/pair.ts";
import type { Transfer } from "../../ledger/transfers.ts";
import { transferOf } from "./postings.ts";
import { readIn } from "./read-in.ts";
import type { Schema } from "./schema.ts";

/** The pending rewards of those whose downloaders signed two claims for one receipt. */
export async function readDeposits(
  transaction: Transaction<Schema>,
  grants: readonly GrantToSettle[],
): Promise<Transfer[]> {
  const suspects = new Set(
    grants.flatMap((item) =>
      item.downloaderAccount !== null && isLie(item) ? [peerAccount(item.downloaderAccount).id] : [],
    ),
  );
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
