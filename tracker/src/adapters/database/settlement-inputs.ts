import { sql, type Transaction } from "kysely";
import {
  type Grant,
  grantMessage,
  segmentKeyOf,
  type SegmentId,
  SIGNATURE_BYTES,
  readStatementHead,
} from "@tributary/protocol";
import { keepEgress } from "./egress.ts";
import { lastSettledEpoch } from "./last-settled.ts";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";

/** What the tracker hands to the ledger while an epoch runs. All of it is durable when the promise resolves. */
export interface LedgerBatch {
  /** Grants that are given out. */
  readonly grants?: readonly Grant[];
  readonly statements?: readonly StatementGiven[];
  readonly roots?: readonly SegmentRootSeen[];
  readonly swarms?: readonly SwarmSeen[];
  readonly sessions?: readonly SessionSeen[];
  readonly egress?: readonly EgressReported[];
}

export interface StatementGiven {
  /** Its signature, and those of the receipts in it, are true. */
  readonly sealed: Uint8Array;
  /** Ed25519 key of who is credited; null for a session without a delegation. */
  readonly account: Uint8Array | null;
}

export interface SegmentRootSeen {
  readonly swarm: Uint8Array;
  readonly segment: SegmentId;
  readonly root: Uint8Array;
  readonly sizeBytes: number;
}

/** Of one epoch. Watch time adds to what was seen before; of the rest the highest counts. */
export interface SwarmSeen {
  readonly swarm: Uint8Array;
  readonly epoch: number;
  readonly bitrateBps: number;
  readonly watchMs: number;
  readonly prefixes: number;
}

/** Adds to what was seen of the session before. */
export interface SessionSeen {
  readonly key: Uint8Array;
  readonly epoch: number;
  readonly watchMs: number;
  readonly dutyBytes: number;
}

export interface EgressReported {
  readonly publisher: Uint8Array;
  readonly swarm: Uint8Array;
  readonly epoch: number;
  readonly bytes: number;
}

/** A batch that contains something malformed: the caller's mistake, and nothing of the batch is kept. */
export class MalformedBatch extends Error {}

const big = (value: number) => BigInt(Math.floor(value));
/** The same bytes, not a copy. */
const buffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const ROWS_PER_STATEMENT = 1_000;

/**
 * Keeps a batch, in one transaction.
 * @returns for each statement whether it was taken: false for one of an epoch whose settlement is over
 * @throws MalformedBatch
 */
export async function recordBatch(database: Database, batch: LedgerBatch): Promise<boolean[]> {
  const { grants = [], statements = [], roots = [], swarms = [], sessions = [], egress = [] } = batch;
  const parsed = statements.map(parseStatement);
  const given = grants.map(rowOfGrant);
  return database.transaction().execute(async (transaction) => {
    const settled = await lastSettledEpoch(transaction);
    // A grant that was put off waits for statements of the last epoch still.
    const taken = parsed.map(({ epoch }) => settled === null || epoch >= settled);
    await insert(transaction, "granted", given);
    await insert(
      transaction,
      "statement",
      parsed.filter((_, at) => taken[at]).map(({ account: _account, ...row }) => row),
    );
    await creditSessions(transaction, parsed);
    await insert(
      transaction,
      "segment_root",
      roots.map(({ swarm, segment, root, sizeBytes }) => ({
        swarm: buffer(swarm),
        segment: segmentKeyOf(segment),
        root: buffer(root),
        size_bytes: big(sizeBytes),
      })),
    );
    // What an epoch was settled by stays as it was.
    const isOpen = ({ epoch }: { epoch: number }) => settled === null || BigInt(epoch) > settled;
    for (const { swarm, epoch, bitrateBps, watchMs, prefixes } of swarms.filter(isOpen))
      await transaction
        .insertInto("swarm_epoch")
        .values({
          swarm: buffer(swarm),
          epoch: big(epoch),
          bitrate_bps: big(bitrateBps),
          watch_ms: big(watchMs),
          prefixes: big(prefixes),
          paid_bytes: 0n,
        })
        .onConflict((conflict) =>
          conflict.columns(["swarm", "epoch"]).doUpdateSet((column) => ({
            bitrate_bps: higher("swarm_epoch.bitrate_bps", "excluded.bitrate_bps"),
            watch_ms: sql<bigint>`swarm_epoch.watch_ms + ${column.ref("excluded.watch_ms")}`,
            prefixes: higher("swarm_epoch.prefixes", "excluded.prefixes"),
          })),
        )
        .execute();
    for (const { key, epoch, watchMs, dutyBytes } of sessions)
      await seeSession(transaction, key, epoch, watchMs, dutyBytes);
    for (const report of egress.filter(isOpen)) await keepEgress(transaction, report);
    return taken;
  });
}

function parseStatement({ sealed, account }: StatementGiven) {
  // Whoever hands it over has read all of it: doing that again would be most of the work here.
  const parsed = readStatementHead(sealed);
  if (!parsed.ok) throw new MalformedBatch(`statement: ${parsed.reason}`);
  const { sessionKey, seq, epoch } = parsed.value;
  return {
    session: buffer(sessionKey),
    seq: big(seq),
    epoch: big(epoch),
    sealed: buffer(sealed),
    account: account && buffer(account),
  };
}

const UNSIGNED = new Uint8Array(SIGNATURE_BYTES);

function rowOfGrant(grant: Grant) {
  const body = buffer(grantMessage.seal(grant, UNSIGNED));
  return { id: buffer(grant.grantId), epoch: big(grant.epoch), body, state: "open" as const };
}

/** Those of the grants that are stored, as `storedGrant` reads them. @param ids 16 bytes each */
export async function findGrants(database: Database, ids: readonly Uint8Array[]): Promise<Uint8Array[]> {
  if (ids.length === 0) return [];
  const rows = await database
    .selectFrom("granted")
    .select("body")
    .where("id", "in", ids.map(buffer))
    .execute();
  return rows.map(({ body }) => body);
}

export function storedGrant(body: Uint8Array): Grant {
  const parsed = grantMessage.parse(body);
  if (!parsed.ok) throw new Error(`a stored grant cannot be read: ${parsed.reason}`);
  return parsed.value;
}

/** The last account that a session stated for is credited. */
async function creditSessions(
  transaction: Transaction<Schema>,
  stated: readonly { session: Buffer; account: Buffer | null; epoch: bigint }[],
): Promise<void> {
  const credited = new Map<string, Schema["session"]>();
  for (const { session, account, epoch } of stated)
    if (account !== null)
      credited.set(session.toString("latin1"), { ...emptySession(session), account, epoch });
  const rows = [...credited.values()];
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT)
    await transaction
      .insertInto("session")
      .values(rows.slice(at, at + ROWS_PER_STATEMENT))
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet((column) => ({ account: column.ref("excluded.account") })),
      )
      .execute();
}

/** Rows that are there already stay as they are: the same batch twice is the same batch. */
async function insert<Name extends "granted" | "statement" | "segment_root">(
  transaction: Transaction<Schema>,
  table: Name,
  rows: readonly Schema[Name][],
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT)
    await transaction
      .insertInto(table)
      .values(rows.slice(at, at + ROWS_PER_STATEMENT) as never)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

async function seeSession(
  transaction: Transaction<Schema>,
  key: Uint8Array,
  epoch: number,
  watchMs: number,
  dutyBytes: number,
): Promise<void> {
  await transaction
    .insertInto("session")
    .values({ ...emptySession(key), epoch: big(epoch), watch_ms: big(watchMs), duty_bytes: big(dutyBytes) })
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet((column) => ({
        watch_ms: sql<bigint>`session.watch_ms + ${column.ref("excluded.watch_ms")}`,
        duty_bytes: sql<bigint>`session.duty_bytes + ${column.ref("excluded.duty_bytes")}`,
        epoch: column.ref("excluded.epoch"),
      })),
    )
    .execute();
}

export function emptySession(key: Uint8Array): Schema["session"] {
  return {
    key: buffer(key),
    account: null,
    watch_ms: 0n,
    duty_bytes: 0n,
    settled_watch_ms: 0n,
    settled_cdn_bytes: 0n,
    received_bytes: 0n,
    served_bytes: 0n,
    earned_bytes: 0n,
    bought_bytes: 0n,
    epoch: 0n,
  };
}

const higher = (one: string, other: string) =>
  sql<bigint>`case when ${sql.ref(one)} > ${sql.ref(other)} then ${sql.ref(one)} else ${sql.ref(other)} end`;
