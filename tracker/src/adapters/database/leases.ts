import { ESCROW, publisherAccount, TREASURY } from "../../ledger/accounts.ts";
import type { Database } from "./open-database.ts";
import { lastSettledEpoch } from "./last-settled.ts";
import { applyTransfers, ensureAccounts, NotCovered } from "./postings.ts";

export interface LeaseRequest {
  /** The same id is the same lease: asking twice takes once. */
  readonly id: string;
  readonly publisher: Uint8Array;
  /** Micro-units, above zero. */
  readonly amount: bigint;
  readonly epoch: number;
}

/**
 * Reserves a part of a publisher's balance, so that grants can be given against it without asking again. Durable
 * when it resolves. False where the balance does not cover it, whoever else asks
 * at the same time, or the epoch is settled.
 */
export async function takeLease(
  database: Database,
  { id, publisher, amount, epoch }: LeaseRequest,
): Promise<boolean> {
  const account = publisherAccount(publisher);
  try {
    await database.transaction().execute(async (transaction) => {
      const settled = await lastSettledEpoch(transaction);
      if (settled !== null && BigInt(epoch) <= settled) throw new NotCovered(account.id);
      await ensureAccounts(transaction, [account, ESCROW]);
      await applyTransfers(transaction, [
        {
          id,
          debit: account.id,
          credit: ESCROW.id,
          amount,
          epoch,
          code: "lease",
          pendingId: null,
          state: "pending",
        },
      ]);
    });
    return true;
  } catch (error) {
    if (error instanceof NotCovered) return false;
    throw error;
  }
}

/** Credits a publisher with money that came in outside. The same id is the same deposit. */
export async function deposit(
  database: Database,
  { id, publisher, amount, epoch }: LeaseRequest,
): Promise<void> {
  const account = publisherAccount(publisher);
  await database.transaction().execute(async (transaction) => {
    // Told again, it may be in a later epoch; everything else must be the same.
    const known = await transaction
      .selectFrom("transfer")
      .select("epoch")
      .where("id", "=", id)
      .executeTakeFirst();
    await ensureAccounts(transaction, [account, TREASURY]);
    await applyTransfers(transaction, [
      {
        id,
        debit: TREASURY.id,
        credit: account.id,
        amount,
        epoch: known === undefined ? epoch : Number(known.epoch),
        code: "deposit",
        pendingId: null,
        state: "posted",
      },
    ]);
  });
}
