import { sql, type Transaction } from "kysely";
import { encodeHex, type Grant, GRANT_BEGINS } from "@tributary/protocol";
import { readIn } from "./read-in.ts";
import type { Schema } from "./schema.ts";
import { storedGrant } from "./settlement-inputs.ts";

type Tx = Transaction<Schema>;

/** Read at a time. What is told of them is a dozen times as large once it is read. */
const GRANTS_PER_BATCH = 500;
const TOLD_BYTES_PER_BATCH = 1024 * 1024;

export interface DueGrant {
  readonly grant: Grant;
  readonly putOff: boolean;
  /** What both sides told of it, unread. */
  readonly toldBytes: number;
}

/** What is to be settled with an epoch, in the order in which it begins, in batches that fit into memory. */
export async function* dueGrants(transaction: Tx, epoch: bigint): AsyncGenerator<DueGrant[]> {
  await transaction.schema
    .createTable("due_grant")
    .temporary()
    .addColumn("place", "bigint", (column) => column.primaryKey())
    .addColumn("id", "bytea", (column) => column.notNull())
    .execute();
  const begins = sql`substr(body, ${sql.lit(GRANT_BEGINS.at + 1)}, ${sql.lit(GRANT_BEGINS.bytes)})`;
  await transaction
    .insertInto("due_grant")
    .columns(["place", "id"])
    .expression((from) =>
      from
        .selectFrom("granted")
        .select([sql<bigint>`row_number() over (order by ${begins}, id)`.as("place"), "id"])
        .where("state", "in", ["open", "put-off"])
        .where("epoch", "<=", epoch),
    )
    .execute();
  for (let place = 1n; ; place += BigInt(GRANTS_PER_BATCH)) {
    const rows = await transaction
      .selectFrom("due_grant")
      .innerJoin("granted", "granted.id", "due_grant.id")
      .select(["granted.id", "granted.body", "granted.state"])
      .where("place", ">=", place)
      .where("place", "<", place + BigInt(GRANTS_PER_BATCH))
      .orderBy("place")
      .execute();
    if (rows.length === 0) break;
    const told = await readIn(
      rows.map(({ id }) => id),
      (chunk) =>
        transaction
          .selectFrom("told")
          .select(["grant_id", sql<bigint>`sum(length(entries))`.as("bytes")])
          .where("grant_id", "in", chunk)
          .groupBy("grant_id")
          .execute(),
    );
    const bytes = new Map(told.map((row) => [encodeHex(row.grant_id), Number(row.bytes)]));
    yield* batchesOf(
      rows.map(({ id, body, state }) => ({
        grant: storedGrant(body),
        putOff: state === "put-off",
        toldBytes: bytes.get(encodeHex(id)) ?? 0,
      })),
    );
  }
  await transaction.schema.dropTable("due_grant").execute();
}

function* batchesOf(due: readonly DueGrant[]): Generator<DueGrant[]> {
  let batch: DueGrant[] = [];
  let bytes = 0;
  for (const grant of due) {
    if (batch.length > 0 && bytes + grant.toldBytes > TOLD_BYTES_PER_BATCH) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(grant);
    bytes += grant.toldBytes;
  }
  if (batch.length > 0) yield batch;
}
