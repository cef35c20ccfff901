import { sql } from "kysely";
import type { Database } from "../adapters/database/open-database.ts";
import { lastSettledEpoch } from "../adapters/database/last-settled.ts";

/**
 * The epochs up to `lastClosed` that have something to settle, in order. An epoch in which nothing was granted, set
 * aside or to be released has no place in the log.
 * @param heldEpochs how many of them rewards are pending
 */
export async function dueEpochs(
  database: Database,
  lastClosed: number,
  heldEpochs: bigint,
): Promise<number[]> {
  const settled = await lastSettledEpoch(database);
  const after = settled ?? -1n;
  const [granted, leased, putOff, matured] = await Promise.all([
    database
      .selectFrom("granted")
      .select("epoch")
      .distinct()
      .where("state", "=", "open")
      .where("epoch", ">", after)
      .where("epoch", "<=", BigInt(lastClosed))
      .execute(),
    database
      .selectFrom("transfer as lease")
      .leftJoin("transfer as resolution", "resolution.pending_id", "lease.id")
      .select("lease.epoch")
      .distinct()
      .where("lease.code", "=", "lease")
      .where("lease.state", "=", "pending")
      .where("lease.epoch", ">", after)
      .where("lease.epoch", "<=", BigInt(lastClosed))
      .where("resolution.id", "is", null)
      .execute(),
    database
      .selectFrom("granted")
      .select(sql<bigint>`count(*)`.as("count"))
      .where("state", "=", "put-off")
      .executeTakeFirstOrThrow(),
    database
      .selectFrom("transfer as reward")
      .leftJoin("transfer as resolution", "resolution.pending_id", "reward.id")
      .select("reward.id")
      .where("reward.code", "=", "reward")
      .where("reward.state", "=", "pending")
      .where("reward.epoch", "<=", BigInt(lastClosed) - heldEpochs)
      .where("resolution.id", "is", null)
      .executeTakeFirst(),
  ]);
  const due = new Set([...granted, ...leased].map(({ epoch }) => Number(epoch)));
  if ((putOff.count > 0n || matured !== undefined) && BigInt(lastClosed) > after) due.add(lastClosed);
  return [...due].sort((a, b) => a - b);
}
