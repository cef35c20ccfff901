import type { Transaction } from "kysely";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";

const ROW = 1n;

/** Somebody else settles now. */
export class FencedOff extends Error {}

/**
 * Takes the right to settle, or prolongs it, until `nowMs + leaseMs`.
 * @returns the fencing number to show in every settlement; null while another holder's right lasts
 */
export async function takeSettlerLock(
  database: Database,
  holder: string,
  nowMs: number,
  leaseMs: number,
): Promise<bigint | null> {
  const expires_at_ms = BigInt(Math.floor(nowMs + leaseMs));
  await database
    .insertInto("settler")
    .values({ id: ROW, fence: 0n, holder: "", expires_at_ms: 0n })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  const own = await database
    .updateTable("settler")
    .set({ expires_at_ms })
    .where("id", "=", ROW)
    .where("holder", "=", holder)
    .returning("fence")
    .executeTakeFirst();
  if (own !== undefined) return own.fence;
  const taken = await database
    .updateTable("settler")
    .set((column) => ({ holder, expires_at_ms, fence: column("fence", "+", 1n) }))
    .where("id", "=", ROW)
    .where("expires_at_ms", "<=", BigInt(Math.floor(nowMs)))
    .returning("fence")
    .executeTakeFirst();
  return taken?.fence ?? null;
}

/** Gives the right back, so that another need not wait for its end. */
export async function releaseSettlerLock(database: Database, holder: string): Promise<void> {
  await database
    .updateTable("settler")
    .set((column) => ({ holder: "", expires_at_ms: 0n, fence: column("fence", "+", 1n) }))
    .where("id", "=", ROW)
    .where("holder", "=", holder)
    .execute();
}

/**
 * Holds the lock's row until the transaction ends, so that a settler that was replaced meanwhile writes nothing.
 * @throws FencedOff where `fence` is no longer the number that was given last
 */
export async function checkFence(transaction: Transaction<Schema>, fence: bigint): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable("settler")
    .set({ fence })
    .where("id", "=", ROW)
    .where("fence", "=", fence)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new FencedOff(`settler ${fence} was replaced`);
}
