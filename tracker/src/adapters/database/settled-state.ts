import { sql, type Transaction } from "kysely";
import { encodeHex } from "@tributary/protocol";
import { settledRecord } from "@tributary/protocol/log";
import type { Settlement } from "../../ledger/settlement/settle.ts";
import { chunks } from "./chunks.ts";
import { paidSegmentKey } from "./known-segments.ts";
import type { Schema } from "./schema.ts";
import type { EpochToSettle } from "./settlement-input.ts";
import { emptySession } from "./settlement-inputs.ts";

type Tx = Transaction<Schema>;

/** How long a session's totals and paid segments are remembered: longer than any delegation. */
const REMEMBERED_MS = 2 * 24 * 60 * 60 * 1000;

export async function keepSpent(transaction: Tx, epoch: bigint, { payouts }: Settlement): Promise<void> {
  const sums = new Map<string, bigint>();
  for (const { publisher, bytes } of payouts)
    sums.set(encodeHex(publisher), (sums.get(encodeHex(publisher)) ?? 0n) + bytes);
  const rows = [...sums].map(([key, bytes]) => ({ publisher: Buffer.from(key, "hex"), epoch, bytes }));
  for (const chunk of chunks(rows)) await transaction.insertInto("spent").values(chunk).execute();
}

/** Statements tell what was watched: they go as soon as no grant waits for them. */
export async function keepGrants(
  transaction: Tx,
  epoch: bigint,
  { settled, putOff }: Settlement,
): Promise<void> {
  const rows = settled.map((record) => ({
    grant_id: Buffer.from(record.grantId),
    epoch,
    record: Buffer.from(settledRecord.encode(record)),
  }));
  for (const chunk of chunks(rows)) await transaction.insertInto("settled").values(chunk).execute();
  await transaction
    .updateTable("granted")
    .set({ state: "settled" })
    .where("state", "in", ["open", "put-off"])
    .where("epoch", "<=", epoch)
    .execute();
  for (const chunk of chunks(putOff))
    await transaction
      .updateTable("granted")
      .set({ state: "put-off" })
      .where(
        "id",
        "in",
        chunk.map((id) => Buffer.from(id)),
      )
      .execute();
  let statements = transaction.deleteFrom("statement").where("epoch", "<=", epoch);
  if (putOff.length > 0) statements = statements.where("epoch", "<", epoch);
  await statements.execute();
  await transaction.deleteFrom("granted").where("state", "=", "settled").where("epoch", "<", epoch).execute();
}

export async function keepTotals(
  transaction: Tx,
  settling: EpochToSettle,
  settlement: Settlement,
): Promise<void> {
  const epoch = BigInt(settling.epoch);
  const rows = [...settlement.sessions].map(([hex, totals]) => ({
    ...emptySession(Buffer.from(hex, "hex")),
    settled_watch_ms: BigInt(totals.watchMs),
    settled_cdn_bytes: BigInt(totals.cdnBytes),
    received_bytes: BigInt(totals.receivedBytes),
    served_bytes: BigInt(totals.servedBytes),
    earned_bytes: BigInt(totals.earnedBytes),
    bought_bytes: BigInt(totals.boughtBytes),
    epoch,
  }));
  for (const chunk of chunks(rows))
    await transaction
      .insertInto("session")
      .values(chunk)
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet((column) => ({
          settled_watch_ms: column.ref("excluded.settled_watch_ms"),
          settled_cdn_bytes: column.ref("excluded.settled_cdn_bytes"),
          received_bytes: column.ref("excluded.received_bytes"),
          served_bytes: column.ref("excluded.served_bytes"),
          earned_bytes: column.ref("excluded.earned_bytes"),
          bought_bytes: column.ref("excluded.bought_bytes"),
          epoch: column.ref("excluded.epoch"),
        })),
      )
      .execute();
  const segments = settlement.paidSegments.map(({ downloaderKey, segment, bytes }) => ({
    key: paidSegmentKey(settling.secret, downloaderKey, segment),
    bytes: BigInt(bytes),
    epoch,
  }));
  for (const chunk of chunks(segments))
    await transaction
      .insertInto("paid_segment")
      .values(chunk)
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet((column) => ({
          bytes: sql<bigint>`paid_segment.bytes + ${column.ref("excluded.bytes")}`,
          epoch: column.ref("excluded.epoch"),
        })),
      )
      .execute();
  for (const [swarmEpoch, bytes] of settlement.paidInSwarms) {
    if (bytes === 0) continue;
    const [of, swarm] = swarmEpoch.split(" ") as [string, string];
    await transaction
      .updateTable("swarm_epoch")
      .set((column) => ({ paid_bytes: sql<bigint>`${column.ref("paid_bytes")} + ${BigInt(bytes)}` }))
      .where("swarm", "=", Buffer.from(swarm, "hex"))
      .where("epoch", "=", BigInt(of))
      .execute();
  }
  const forgotten = epoch - BigInt(Math.ceil(REMEMBERED_MS / (settling.closesMs - settling.opensMs)));
  for (const table of ["paid_segment", "session"] as const)
    await transaction.deleteFrom(table).where("epoch", "<", forgotten).execute();
  await transaction.deleteFrom("swarm_epoch").where("epoch", "<", epoch).execute();
}
