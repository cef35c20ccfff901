import { sql, type Transaction } from "kysely";
import type { Account } from "../../ledger/accounts.ts";
import type { AccountBalance } from "../../ledger/invariants.ts";
import { balanceChanges, type Balance, type Transfer } from "../../ledger/transfers.ts";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";
import type { TransferTable } from "./tables/accounts.ts";

/** An account has less than a transfer needs. Nothing of the transaction it was thrown in may be kept. */
export class NotCovered extends Error {
  constructor(readonly account: string) {
    super(`${account} does not cover it`);
  }
}

/** A transfer that contradicts one already there: a fault of the program, not of anybody's balance. */
export class TransferConflict extends Error {}

type Queries = Database | Transaction<Schema>;

/** Below the 32,766 parameters of one SQLite statement, at eight a row. */
const ROWS_PER_STATEMENT = 1_000;

/** Makes those that are missing. */
export async function ensureAccounts(queries: Queries, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.map(({ id, kind, ownerKey }) => ({
    id,
    kind,
    owner_key: ownerKey === null ? null : Buffer.from(ownerKey),
    debits_pending: 0n,
    debits_posted: 0n,
    credits_pending: 0n,
    credits_posted: 0n,
  }));
  for (const chunk of chunks(rows))
    await queries
      .insertInto("account")
      .values(chunk)
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
}

/**
 * Applies transfers and what they do to balances, all within the caller's transaction. Those already there are
 * left alone.
 * @throws NotCovered where an account has not enough; TransferConflict where a transfer differs from the one with
 * its id, or its pending transfer does not exist, does not fit or is resolved.
 */
export async function applyTransfers(
  transaction: Transaction<Schema>,
  transfers: readonly Transfer[],
): Promise<void> {
  const added: Transfer[] = [];
  for (const chunk of chunks(transfers)) added.push(...(await insertNew(transaction, chunk)));
  const pending = await pendingOf(transaction, added);
  const changes = balanceChanges(added, (id) => pending.get(id)?.amount ?? 0n);
  // In one order everywhere, so that two transactions never wait for each other's accounts.
  for (const [account, change] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1)))
    await changeBalance(transaction, account, change);
}

async function insertNew(
  transaction: Transaction<Schema>,
  transfers: readonly Transfer[],
): Promise<Transfer[]> {
  if (transfers.length === 0) return [];
  const rows = transfers.map(rowOf);
  const inserted = await transaction
    .insertInto("transfer")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .execute();
  const isNew = new Set(inserted.map(({ id }) => id));
  const known = rows.filter(({ id }) => !isNew.has(id));
  if (known.length > 0) await checkKnown(transaction, known);
  return transfers.filter(({ id }) => isNew.has(id));
}

/** A row that was not inserted must be there already, alike: else its pending transfer is resolved by another. */
async function checkKnown(transaction: Transaction<Schema>, rows: readonly TransferTable[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const stored = await transaction.selectFrom("transfer").selectAll().where("id", "in", ids).execute();
  const byId = new Map(stored.map((row) => [row.id, row]));
  for (const row of rows) {
    const found = byId.get(row.id);
    if (found === undefined)
      throw new TransferConflict(`${row.pending_id} is resolved already, not by ${row.id}`);
    const differs = (Object.keys(row) as (keyof TransferTable)[]).find((key) => row[key] !== found[key]);
    if (differs !== undefined)
      throw new TransferConflict(`${row.id} is there already with another ${differs}: ${found[differs]}`);
  }
}

async function pendingOf(
  transaction: Transaction<Schema>,
  transfers: readonly Transfer[],
): Promise<Map<string, TransferTable>> {
  const resolving = transfers.filter((transfer) => transfer.pendingId !== null);
  const found = new Map<string, TransferTable>();
  for (const chunk of chunks(resolving)) {
    const ids = chunk.map(({ pendingId }) => pendingId ?? "");
    const rows = await transaction.selectFrom("transfer").selectAll().where("id", "in", ids).execute();
    for (const row of rows) found.set(row.id, row);
  }
  for (const { id, pendingId, debit, credit, amount } of resolving) {
    const row = found.get(pendingId ?? "");
    const fits =
      row?.state === "pending" && row.debit === debit && row.credit === credit && amount <= row.amount;
    if (!fits) throw new TransferConflict(`${id} does not fit the pending transfer ${pendingId}`);
  }
  return found;
}

async function changeBalance(
  transaction: Transaction<Schema>,
  account: string,
  { debitsPending, debitsPosted, creditsPending, creditsPosted }: Balance,
): Promise<void> {
  const spends = debitsPending + debitsPosted - creditsPosted;
  const { numUpdatedRows } = await transaction
    .updateTable("account")
    .set((column) => ({
      debits_pending: column("debits_pending", "+", debitsPending),
      debits_posted: column("debits_posted", "+", debitsPosted),
      credits_pending: column("credits_pending", "+", creditsPending),
      credits_posted: column("credits_posted", "+", creditsPosted),
    }))
    .where("id", "=", account)
    .where(sql<boolean>`(kind = 'treasury' or credits_posted - debits_posted - debits_pending >= ${spends})`)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const exists = await transaction
    .selectFrom("account")
    .select("id")
    .where("id", "=", account)
    .executeTakeFirst();
  if (exists === undefined) throw new TransferConflict(`there is no account ${account}`);
  throw new NotCovered(account);
}

/** Every account, by id. */
export async function readBalances(queries: Queries): Promise<AccountBalance[]> {
  const rows = await queries
    .selectFrom("account")
    .select(["id", "kind", "debits_pending", "debits_posted", "credits_pending", "credits_posted"])
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    debitsPending: row.debits_pending,
    debitsPosted: row.debits_posted,
    creditsPending: row.credits_pending,
    creditsPosted: row.credits_posted,
  }));
}

function rowOf({ pendingId, epoch, ...transfer }: Transfer): TransferTable {
  return { ...transfer, epoch: BigInt(epoch), pending_id: pendingId };
}

export function transferOf({ pending_id, epoch, ...row }: TransferTable): Transfer {
  return { ...row, epoch: Number(epoch), pendingId: pending_id };
}

function* chunks<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += ROWS_PER_STATEMENT)
    yield items.slice(at, at + ROWS_PER_STATEMENT);
}
