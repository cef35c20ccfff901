import { sql, type Transaction } from "kysely";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";

/** Null before the first. */
export async function lastSettledEpoch(queries: Database | Transaction<Schema>): Promise<bigint | null> {
  const { last } = await queries
    .selectFrom("epoch")
    .select(sql<bigint | null>`max(n)`.as("last"))
    .executeTakeFirstOrThrow();
  return last;
}
