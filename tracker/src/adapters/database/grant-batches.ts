import { sql, type Transaction } from "kysely";
import { encodeHex, type Grant, readStatementEntries, type StatementEntry } from "@tributary/protocol";
import {
  type GrantBatch,
  type GrantToSettle,
  type SessionFacts,
  type SwarmFacts,
  swarmEpochOf,
} from "../../ledger/settlement/input.ts";
import { type DueGrant, dueGrants } from "./due-grants.ts";
import { readKnownSegments } from "./known-segments.ts";
import { readIn } from "./read-in.ts";
import type { Schema } from "./schema.ts";
import { emptySession } from "./settlement-inputs.ts";

type Tx = Transaction<Schema>;

/**
 * The grants that are to be settled with an epoch, in the order in which they begin, with what was told of each and what
 * is known of their swarms and sessions.
 * @param cdnBytes what `gatherTold` gave; what it gathered is read here
 * @param secret names the segments that viewers were paid for
 */
export async function* readGrantBatches(
  transaction: Tx,
  epoch: bigint,
  cdnBytes: ReadonlyMap<string, number>,
  secret: Uint8Array,
): AsyncGenerator<GrantBatch> {
  const swarmRows = await transaction
    .selectFrom("swarm_epoch")
    .selectAll()
    .where("epoch", "<=", epoch)
    .execute();
  const swarms = new Map(swarmRows.map((row) => [`${row.epoch} ${encodeHex(row.swarm)}`, row]));
  const egress = await readEgressReports(transaction, epoch);

  for await (const due of dueGrants(transaction, epoch)) {
    const keys = keysOf(due);
    const rows = await readSessionRows(transaction, keys);
    const grants = await withSides(transaction, due, rows);
    yield {
      grants,
      swarms: new Map(
        due.flatMap(({ grant }) => {
          const row = swarms.get(swarmEpochOf(grant));
          return row === undefined ? [] : [[swarmEpochOf(grant), swarmFacts(row, grant, egress)]];
        }),
      ),
      sessions: sessionFacts(keys, rows, cdnBytes),
      ...(await readKnownSegments(transaction, grants, secret)),
    };
  }
}

async function withSides(
  transaction: Tx,
  due: readonly DueGrant[],
  sessions: SessionRows,
): Promise<GrantToSettle[]> {
  const rows = await readIn(
    due.map(({ grant }) => grant.grantId),
    (chunk) =>
      transaction.selectFrom("told").selectAll().where("grant_id", "in", chunk).orderBy("place").execute(),
  );
  const told = new Map<string, StatementEntry[]>();
  for (const { grant_id, session, entries } of rows) {
    const read = readStatementEntries(entries);
    if (!read.ok) throw new Error(`a stored statement cannot be read: ${read.reason}`);
    const key = `${encodeHex(grant_id)} ${encodeHex(session)}`;
    const before = told.get(key);
    if (before === undefined) told.set(key, read.value);
    else for (const entry of read.value) before.push(entry);
  }
  const accountOf = (key: Uint8Array) => {
    const account = sessions.get(encodeHex(key))?.account ?? null;
    return account && new Uint8Array(account);
  };
  return due.map(({ grant, putOff }) => {
    // Who is not this side of the grant has nothing to say about it.
    const sideOf = (role: StatementEntry["role"], key: Uint8Array) =>
      (told.get(`${encodeHex(grant.grantId)} ${encodeHex(key)}`) ?? []).filter(
        (entry) => entry.role === role,
      );
    return {
      grant,
      account: accountOf(grant.uploaderKey),
      downloaderAccount: accountOf(grant.downloaderKey),
      putOff,
      uploader: sideOf("uploader", grant.uploaderKey),
      downloader: sideOf("downloader", grant.downloaderKey),
    };
  });
}

/** The session keys that grants name, each once. */
function keysOf(grants: readonly DueGrant[]): Uint8Array[] {
  const keys = grants.flatMap(({ grant }) => [grant.uploaderKey, grant.downloaderKey]);
  return [...new Map(keys.map((key) => [encodeHex(key), key])).values()];
}

type SessionRows = ReadonlyMap<string, Schema["session"]>;

async function readSessionRows(transaction: Tx, keys: readonly Uint8Array[]): Promise<SessionRows> {
  const rows = await readIn(keys, (chunk) =>
    transaction.selectFrom("session").selectAll().where("key", "in", chunk).execute(),
  );
  return new Map(rows.map((row) => [encodeHex(row.key), row]));
}

type EgressReports = ReadonlyMap<string, number>;
const reportKey = (epoch: bigint | number, swarm: Uint8Array, publisher: Uint8Array) =>
  `${epoch} ${encodeHex(swarm)} ${encodeHex(publisher)}`;

async function readEgressReports(transaction: Tx, epoch: bigint): Promise<EgressReports> {
  const reports = await transaction
    .selectFrom("egress_report")
    .selectAll()
    .where("epoch", "<=", epoch)
    .where("epoch", ">=", transaction.selectFrom("swarm_epoch").select(sql<bigint>`min(epoch)`.as("first")))
    .execute();
  return new Map(
    reports.map(({ epoch: of, swarm, publisher, bytes }) => [reportKey(of, swarm, publisher), Number(bytes)]),
  );
}

function swarmFacts(row: Schema["swarm_epoch"], grant: Grant, egress: EgressReports): SwarmFacts {
  return {
    bitrateBps: Number(row.bitrate_bps),
    watchMs: Number(row.watch_ms),
    // What others say of a publisher's swarm takes nothing from its viewers.
    egressBytes: egress.get(reportKey(grant.epoch, grant.swarm, grant.publisher)) ?? null,
    prefixes: Number(row.prefixes),
    paidBytes: Number(row.paid_bytes),
  };
}

function sessionFacts(
  keys: readonly Uint8Array[],
  found: SessionRows,
  cdnBytes: ReadonlyMap<string, number>,
): Map<string, SessionFacts> {
  return new Map(
    keys.map((key) => {
      const hex = encodeHex(key);
      const row = found.get(hex) ?? emptySession(key);
      const before = {
        cdnBytes: Number(row.settled_cdn_bytes),
        watchMs: Number(row.settled_watch_ms),
        receivedBytes: Number(row.received_bytes),
        servedBytes: Number(row.served_bytes),
        earnedBytes: Number(row.earned_bytes),
        boughtBytes: Number(row.bought_bytes),
      };
      const stated = Math.max(before.cdnBytes, cdnBytes.get(hex) ?? 0);
      const [watchMs, dutyBytes] = [Number(row.watch_ms), Number(row.duty_bytes)];
      return [hex, { before, cdnBytes: stated, watchMs, dutyBytes }];
    }),
  );
}
