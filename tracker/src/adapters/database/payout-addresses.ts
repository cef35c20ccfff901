import { peerAccount } from "../../ledger/accounts.ts";
import type { Database } from "./open-database.ts";
import { ensureAccounts } from "./postings.ts";

/** Time for whoever lost a key to notice that somebody else changes where the money goes. */
const CHANGE_DELAY_MS = 24 * 60 * 60 * 1000;

/** @returns from when on the account is paid there; until then it is paid nowhere */
export async function setPayoutAddress(
  database: Database,
  account: Uint8Array,
  address: string,
  nowMs: number,
): Promise<number> {
  const owner = peerAccount(account);
  const fromMs = nowMs + CHANGE_DELAY_MS;
  await database.transaction().execute(async (transaction) => {
    await ensureAccounts(transaction, [owner]);
    await transaction
      .updateTable("account")
      .set({ payout_address: address.toLowerCase(), payout_change_at_ms: BigInt(fromMs) })
      .where("id", "=", owner.id)
      .execute();
  });
  return fromMs;
}

/** What each account earned in all that is out of escrow, where it may be paid now. Micro-units, by address. */
export async function cumulativeEarnings(database: Database, nowMs: number): Promise<Map<string, bigint>> {
  const rows = await database
    .selectFrom("account")
    .select(["payout_address", "credits_posted"])
    .where("kind", "=", "peer")
    .where("payout_address", "is not", null)
    .where("payout_change_at_ms", "<=", BigInt(nowMs))
    .where("credits_posted", ">", 0n)
    .orderBy("id")
    .execute();
  const claims = new Map<string, bigint>();
  for (const { payout_address, credits_posted } of rows)
    claims.set(payout_address!, (claims.get(payout_address!) ?? 0n) + credits_posted);
  return claims;
}
