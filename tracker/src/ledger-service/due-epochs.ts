import { sql } from "kysely";
import type { Database } from "../adapters/database/open-database.ts";
import { lastSettledEpoch } from "../adapters/database/settlement-inputs.ts";

/**
 * The epochs up to `lastClosed` that have something to settle, in order. An epoch in which nothing was granted and
 * nothing set aside has no place in the log.
 */
export async function dueEpochs(database: Database, lastClosed: number): Promise<number[]> {
  const settled = await lastSettledEpoch(database);
  const after = settled ?? -1n;
  const [granted, leased, putOff] = await Promise.all([
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
  ]);
  const due = new Set([...granted, ...leased].map(({ epoch }) => Number(epoch)));
  if (putOff.count > 0n && BigInt(lastClosed) > after) due.add(lastClosed);
  return [...due].sort((a, b) => a - b);
}
