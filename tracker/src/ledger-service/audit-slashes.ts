import type { Database } from "../adapters/database/open-database.ts";
import { peerAccount } from "../ledger/accounts.ts";
import type { Find } from "./audit-books.ts";

/** Escrow is voided for proven lies alone, and of a liar all that was in escrow then. */
export async function auditSlashes(database: Database, find: Find): Promise<void> {
  const lies = await database.selectFrom("lie").select(["epoch", "account"]).execute();
  const liars = lies.flatMap(({ epoch, account }) =>
    account === null ? [] : [{ epoch, peer: peerAccount(account).id }],
  );
  const slashes = await database
    .selectFrom("transfer")
    .select(["id", "credit", "epoch"])
    .where("code", "=", "slash")
    .execute();
  for (const { id, credit, epoch } of slashes)
    find(
      liars.some((liar) => liar.peer === credit && liar.epoch === epoch),
      `${id}: there is no lie of ${credit} in epoch ${epoch}`,
    );
  for (const { epoch, peer } of liars) {
    const rewards = await database
      .selectFrom("transfer as reward")
      .leftJoin("transfer as resolution", "resolution.pending_id", "reward.id")
      .select(["reward.id", "resolution.code", "resolution.epoch as resolvedIn"])
      .where("reward.code", "=", "reward")
      .where("reward.credit", "=", peer)
      .where("reward.epoch", "<=", epoch)
      .execute();
    for (const { id, code, resolvedIn } of rewards)
      find(
        code === "slash" || (resolvedIn !== null && resolvedIn < epoch),
        `${id}: was in escrow at a lie in epoch ${epoch} and is not voided`,
      );
  }
}
