import { sql, type Transaction } from "kysely";
import { encodeHex, splitStatement } from "@tributary/protocol";
import type { Schema } from "./schema.ts";

type Tx = Transaction<Schema>;

/**
 * What one side may tell of one grant; what comes after that is not read. Six thousand segments and parts, which is more
 * than play while a grant lasts, are half of it.
 */
export const TOLD_BYTES_MAX = 256 * 1024;
const STATEMENTS_PER_QUERY = 256;
/** Held back until they are written. */
const GATHERED_BYTES_MAX = 4 * 1024 * 1024;
const ROWS_PER_STATEMENT = 200;

/**
 * Sorts the entries of all statements up to an epoch by their grants, in a table of this transaction alone: together they
 * may be more than fits into memory.
 * @returns by the session's key in hex, what it got from the CDN since it began, as it stated last
 */
export async function gatherTold(transaction: Tx, epoch: bigint): Promise<Map<string, number>> {
  await transaction.schema
    .createTable("told")
    .temporary()
    .addColumn("grant_id", "bytea", (column) => column.notNull())
    .addColumn("session", "bytea", (column) => column.notNull())
    .addColumn("place", "bigint", (column) => column.notNull())
    .addColumn("entries", "bytea", (column) => column.notNull())
    .execute();
  const cdnBytes = new Map<string, number>();
  const gathered = createGathered(transaction);
  for await (const { session, sealed } of statementsUpTo(transaction, epoch)) {
    const split = splitStatement(sealed);
    if (!split.ok) throw new Error(`a stored statement cannot be read: ${split.reason}`);
    const key = encodeHex(session);
    cdnBytes.set(key, Math.max(cdnBytes.get(key) ?? 0, split.value.cdnBytes));
    for (const { grantId, bytes } of split.value.entries) await gathered.add(session, grantId, bytes);
  }
  await gathered.write();
  await transaction.schema.createIndex("told_of_grant").on("told").column("grant_id").execute();
  return cdnBytes;
}

export async function dropTold(transaction: Tx): Promise<void> {
  await transaction.schema.dropTable("told").execute();
}

/** By session, and in the order in which each stated them. */
async function* statementsUpTo(transaction: Tx, epoch: bigint) {
  let last: { session: Buffer; seq: bigint } | null = null;
  for (;;) {
    let query = transaction
      .selectFrom("statement")
      .select(["session", "seq", "sealed"])
      .where("epoch", "<=", epoch)
      .orderBy("session")
      .orderBy("seq")
      .limit(STATEMENTS_PER_QUERY);
    if (last !== null) query = query.where(sql<boolean>`(session, seq) > (${last.session}, ${last.seq})`);
    const rows = await query.execute();
    yield* rows;
    if (rows.length < STATEMENTS_PER_QUERY) return;
    last = rows.at(-1)!;
  }
}

interface ToldOfGrant {
  readonly grantId: Uint8Array;
  readonly session: Buffer;
  parts: Uint8Array[];
  /** Of all that was told, written or not. */
  bytes: number;
}

/** Entries of one session after another, of which few wait to be written. */
function createGathered(transaction: Tx) {
  let session: Buffer | null = null;
  let grants = new Map<string, ToldOfGrant>();
  let waiting: ToldOfGrant[] = [];
  let waitingBytes = 0;
  let place = 0n;

  async function write(): Promise<void> {
    for (let at = 0; at < waiting.length; at += ROWS_PER_STATEMENT)
      await transaction
        .insertInto("told")
        .values(
          waiting.slice(at, at + ROWS_PER_STATEMENT).map(({ grantId, session: of, parts }) => ({
            grant_id: Buffer.from(grantId),
            session: of,
            place: place++,
            entries: Buffer.concat(parts),
          })),
        )
        .execute();
    for (const told of waiting) told.parts = [];
    waiting = [];
    waitingBytes = 0;
  }

  return {
    write,
    async add(of: Buffer, grantId: Uint8Array, bytes: Uint8Array): Promise<void> {
      if (session === null || !session.equals(of)) {
        session = of;
        grants = new Map();
      }
      const key = encodeHex(grantId);
      const told = grants.get(key) ?? { grantId, session: of, parts: [], bytes: 0 };
      grants.set(key, told);
      if (told.bytes + bytes.length > TOLD_BYTES_MAX) return;
      if (told.parts.length === 0) waiting.push(told);
      told.parts.push(bytes);
      told.bytes += bytes.length;
      waitingBytes += bytes.length;
      if (waitingBytes > GATHERED_BYTES_MAX) await write();
    },
  };
}
