import type { Transaction } from "kysely";
import { peerAccount } from "../../ledger/accounts.ts";
import type { Database } from "./open-database.ts";
import { ensureAccounts } from "./postings.ts";
import type { Schema } from "./schema.ts";
import type { PayoutAddressTable } from "./tables/accounts.ts";

/** Time for whoever lost a key to notice that somebody else changes where the money goes. */
const CHANGE_DELAY_MS = 24 * 60 * 60 * 1000;

type Tx = Transaction<Schema>;

/**
 * Until the new address counts, the old one goes on. One that waits is replaced; an account is led back to the address
 * that counts by setting it again.
 * @returns from when on the account is paid there: not in the future where it is already
 */
export async function setPayoutAddress(
  database: Database,
  account: Uint8Array,
  address: string,
  nowMs: number,
): Promise<number> {
  const owner = peerAccount(account);
  const wanted = address.toLowerCase();
  return database.transaction().execute(async (transaction) => {
    await ensureAccounts(transaction, [owner]);
    await startDueAddresses(transaction, nowMs);
    const turns = await transaction
      .selectFrom("payout_address")
      .selectAll()
      .where("account", "=", owner.id)
      .orderBy("turn", "desc")
      .limit(2)
      .execute();
    if (turns[0]?.address === wanted) return Number(turns[0].counts_from_ms);
    await transaction
      .deleteFrom("payout_address")
      .where("account", "=", owner.id)
      .where("credited_before", "is", null)
      .execute();
    const counts = turns.find(({ credited_before }) => credited_before !== null);
    if (counts?.address === wanted) return Number(counts.counts_from_ms);
    const fromMs = Math.ceil(nowMs) + CHANGE_DELAY_MS;
    await transaction
      .insertInto("payout_address")
      .values({
        account: owner.id,
        turn: (counts?.turn ?? 0n) + 1n,
        address: wanted,
        counts_from_ms: BigInt(fromMs),
        credited_before: null,
      })
      .execute();
    return fromMs;
  });
}

/**
 * Writes down where each address that counts by now begins. Whoever posts to accounts, or tells what addresses may
 * claim, calls this first in the same transaction: then no clock can move what was posted from one to another.
 */
export async function startDueAddresses(transaction: Tx, nowMs: number): Promise<void> {
  await transaction
    .updateTable("payout_address")
    .set(({ selectFrom }) => ({
      credited_before: selectFrom("account")
        .select("credits_posted")
        .whereRef("account.id", "=", "payout_address.account"),
    }))
    .where("credited_before", "is", null)
    .where("counts_from_ms", "<=", BigInt(Math.floor(nowMs)))
    .execute();
}

/**
 * What each address may claim in all, in micro-units: what came out of escrow for its accounts while they were paid
 * there. An account's first address has what was posted before, too. No address ever loses any of it.
 */
export async function cumulativeEarnings(database: Database, nowMs: number): Promise<Map<string, bigint>> {
  const rows = await database.transaction().execute(async (transaction) => {
    await startDueAddresses(transaction, nowMs);
    return transaction
      .selectFrom("payout_address")
      .innerJoin("account", "account.id", "payout_address.account")
      .selectAll("payout_address")
      .select("account.credits_posted")
      .where("credited_before", "is not", null)
      .orderBy("account")
      .orderBy("turn")
      .execute();
  });
  const claims = new Map<string, bigint>();
  for (const [at, row] of rows.entries()) {
    const next = rows[at + 1];
    const until = next?.account === row.account ? next.credited_before! : row.credits_posted;
    const earned = until - creditedBefore(row);
    if (earned > 0n) claims.set(row.address, (claims.get(row.address) ?? 0n) + earned);
  }
  return claims;
}

const creditedBefore = ({ turn, credited_before }: PayoutAddressTable) =>
  turn === 1n ? 0n : credited_before!;
