import { createHmac } from "node:crypto";
import type { Transaction } from "kysely";
import {
  encodeHex,
  type SegmentId,
  segmentKeyOf,
  type StatementEntry,
  statementMessage,
} from "@tributary/protocol";
import type {
  GrantToSettle,
  SessionFacts,
  SettlementInput,
  SwarmFacts,
  TrustedRoot,
} from "../../ledger/settlement/input.ts";
import { epochsHeld, type SettlementParameters } from "../../ledger/settlement/parameters.ts";
import type { TransferCode } from "../../ledger/transfers.ts";
import { transferOf } from "./postings.ts";
import { readDeposits } from "./deposits.ts";
import { readIn } from "./read-in.ts";
import type { Schema } from "./schema.ts";
import { emptySession, storedGrant } from "./settlement-inputs.ts";
import { sha256 } from "./sha256.ts";

export interface EpochToSettle {
  readonly epoch: number;
  readonly opensMs: number;
  readonly closesMs: number;
  readonly parameters: SettlementParameters;
  /** Keeps who watched what, and payouts' salts, from whoever reads the tables or the log. 32 bytes. */
  readonly secret: Uint8Array;
}

/** A segment that a viewer was paid for, under a name that only this tracker can make. */
export function paidSegmentKey(secret: Uint8Array, downloader: Uint8Array, segment: SegmentId): Buffer {
  const named = Buffer.concat([downloader, Buffer.from(segmentKeyOf(segment))]);
  return createHmac("sha256", secret)
    .update("tributary/paid-segment/v1\0")
    .update(named)
    .digest()
    .subarray(0, 16);
}

type Tx = Transaction<Schema>;

/** What one session has stated, in the order of its statements. */
interface Stated {
  /** Since it began, by its last statement. */
  cdnBytes: number;
  readonly entries: StatementEntry[];
}

/** Reads all that an epoch is settled from. */
export async function readSettlementInput(
  transaction: Tx,
  settling: EpochToSettle,
): Promise<SettlementInput> {
  const { epoch, opensMs, closesMs, parameters, secret } = settling;
  const stated = await readStatements(transaction, BigInt(epoch));
  const grants = await readGrants(transaction, BigInt(epoch), stated);
  const swarms = await readSwarms(transaction, BigInt(epoch), grants);
  const sessions = await readSessions(transaction, grants, stated);
  const roots = await readRoots(transaction, grants);
  const paid = await readPaid(transaction, grants, secret);
  const leases = await readUnresolved(transaction, "lease", null, BigInt(epoch));
  const matured = await readMatured(transaction, settling);
  return {
    epoch,
    opensMs,
    closesMs,
    parameters,
    grants,
    swarms,
    sessions,
    rootsOf: (swarm, segment) => roots.get(`${encodeHex(swarm)} ${segmentKeyOf(segment)}`) ?? [],
    paidBefore: paid,
    leases: leases.map(transferOf),
    matured: matured.map(transferOf),
    deposits: await readDeposits(transaction, grants),
    sha256,
  };
}

async function readStatements(transaction: Tx, epoch: bigint): Promise<Map<string, Stated>> {
  const rows = await transaction
    .selectFrom("statement")
    .select("sealed")
    .where("epoch", "<=", epoch)
    .orderBy("session")
    .orderBy("seq")
    .execute();
  const stated = new Map<string, Stated>();
  for (const { sealed } of rows) {
    const parsed = statementMessage.parse(sealed);
    if (!parsed.ok) throw new Error(`a stored statement cannot be read: ${parsed.reason}`);
    const { sessionKey, cdnBytes, entries } = parsed.value;
    const session = stated.get(encodeHex(sessionKey)) ?? { cdnBytes: 0, entries: [] };
    session.cdnBytes = Math.max(session.cdnBytes, cdnBytes);
    session.entries.push(...entries);
    stated.set(encodeHex(sessionKey), session);
  }
  return stated;
}

async function readGrants(
  transaction: Tx,
  epoch: bigint,
  stated: ReadonlyMap<string, Stated>,
): Promise<GrantToSettle[]> {
  const rows = await transaction
    .selectFrom("granted")
    .selectAll()
    .where("state", "in", ["open", "put-off"])
    .where("epoch", "<=", epoch)
    .orderBy("id")
    .execute();
  const byGrant = new Map<string, Record<StatementEntry["role"], StatementEntry[]>>();
  const parsedRows = rows.map((row) => {
    byGrant.set(encodeHex(row.id), { uploader: [], downloader: [] });
    return { row, grant: storedGrant(row.body) };
  });
  const sideOf = new Map(
    parsedRows.flatMap(({ row, grant }) => [
      [`uploader ${encodeHex(row.id)}`, encodeHex(grant.uploaderKey)],
      [`downloader ${encodeHex(row.id)}`, encodeHex(grant.downloaderKey)],
    ]),
  );
  for (const [session, { entries }] of stated)
    for (const entry of entries) {
      const id = encodeHex(entry.grantId);
      // Who is not this side of the grant has nothing to say about it.
      if (sideOf.get(`${entry.role} ${id}`) === session) byGrant.get(id)?.[entry.role].push(entry);
    }
  const accounts = await readAccounts(
    transaction,
    parsedRows.flatMap(({ grant }) => [grant.uploaderKey, grant.downloaderKey]),
  );
  return parsedRows.map(({ row, grant }) => ({
    grant,
    account: accounts.get(encodeHex(grant.uploaderKey)) ?? null,
    downloaderAccount: accounts.get(encodeHex(grant.downloaderKey)) ?? null,
    putOff: row.state === "put-off",
    ...byGrant.get(encodeHex(row.id))!,
  }));
}

async function readAccounts(transaction: Tx, keys: readonly Uint8Array[]): Promise<Map<string, Uint8Array>> {
  const rows = await readIn(keys, (chunk) =>
    transaction
      .selectFrom("session")
      .select(["key", "account"])
      .where("key", "in", chunk)
      .where("account", "is not", null)
      .execute(),
  );
  return new Map(rows.map(({ key, account }) => [encodeHex(key), new Uint8Array(account!)]));
}

async function readSwarms(
  transaction: Tx,
  epoch: bigint,
  grants: readonly GrantToSettle[],
): Promise<Map<string, SwarmFacts>> {
  const rows = await transaction.selectFrom("swarm_epoch").selectAll().where("epoch", "=", epoch).execute();
  const reports = await transaction
    .selectFrom("egress_report")
    .selectAll()
    .where("epoch", "=", epoch)
    .execute();
  const egress = new Map<string, number>();
  const ownerOf = new Map(grants.map(({ grant }) => [encodeHex(grant.swarm), encodeHex(grant.publisher)]));
  for (const { swarm, publisher, bytes } of reports)
    // What others say of a publisher's swarm takes nothing from its viewers.
    if (ownerOf.get(encodeHex(swarm)) === encodeHex(publisher)) egress.set(encodeHex(swarm), Number(bytes));
  return new Map(
    rows.map(({ swarm, bitrate_bps, watch_ms, prefixes }) => [
      encodeHex(swarm),
      {
        bitrateBps: Number(bitrate_bps),
        watchMs: Number(watch_ms),
        egressBytes: egress.get(encodeHex(swarm)) ?? null,
        prefixes: Number(prefixes),
      },
    ]),
  );
}

async function readSessions(
  transaction: Tx,
  grants: readonly GrantToSettle[],
  stated: ReadonlyMap<string, Stated>,
): Promise<Map<string, SessionFacts>> {
  const keys = new Map(
    grants
      .flatMap(({ grant }) => [grant.uploaderKey, grant.downloaderKey])
      .map((key) => [encodeHex(key), key]),
  );
  const rows = await readIn([...keys.values()], (chunk) =>
    transaction.selectFrom("session").selectAll().where("key", "in", chunk).execute(),
  );
  const found = new Map(rows.map((row) => [encodeHex(row.key), row]));
  return new Map(
    [...keys].map(([hex, key]) => {
      const row = found.get(hex) ?? emptySession(key);
      const before = {
        cdnBytes: Number(row.settled_cdn_bytes),
        watchMs: Number(row.settled_watch_ms),
        receivedBytes: Number(row.received_bytes),
        servedBytes: Number(row.served_bytes),
        earnedBytes: Number(row.earned_bytes),
        boughtBytes: Number(row.bought_bytes),
      };
      const cdnBytes = Math.max(before.cdnBytes, stated.get(hex)?.cdnBytes ?? 0);
      return [hex, { before, cdnBytes, watchMs: Number(row.watch_ms), dutyBytes: Number(row.duty_bytes) }];
    }),
  );
}

async function readRoots(
  transaction: Tx,
  grants: readonly GrantToSettle[],
): Promise<Map<string, TrustedRoot[]>> {
  const wanted = new Map<string, { swarm: Uint8Array; segments: Set<string> }>();
  for (const { grant, uploader, downloader } of grants) {
    const ofSwarm = wanted.get(encodeHex(grant.swarm)) ?? { swarm: grant.swarm, segments: new Set() };
    for (const { links } of [...uploader, ...downloader])
      for (const { segment } of links) ofSwarm.segments.add(segmentKeyOf(segment));
    wanted.set(encodeHex(grant.swarm), ofSwarm);
  }
  const roots = new Map<string, TrustedRoot[]>();
  for (const [hex, { swarm, segments }] of wanted) {
    const rows = await readIn([...segments], (chunk) =>
      transaction
        .selectFrom("segment_root")
        .selectAll()
        .where("swarm", "=", Buffer.from(swarm))
        .where("segment", "in", chunk)
        .orderBy("segment")
        .orderBy("root")
        .execute(),
    );
    for (const { segment, root, size_bytes } of rows) {
      const known = roots.get(`${hex} ${segment}`) ?? [];
      known.push({ root: new Uint8Array(root), sizeBytes: Number(size_bytes) });
      roots.set(`${hex} ${segment}`, known);
    }
  }
  return roots;
}

async function readPaid(
  transaction: Tx,
  grants: readonly GrantToSettle[],
  secret: Uint8Array,
): Promise<SettlementInput["paidBefore"]> {
  const keys = new Map<string, Buffer>();
  for (const { grant, uploader, downloader } of grants)
    for (const { links } of [...uploader, ...downloader])
      for (const { segment } of links) {
        const key = paidSegmentKey(secret, grant.downloaderKey, segment);
        keys.set(encodeHex(key), key);
      }
  const rows = await readIn([...keys.values()], (chunk) =>
    transaction.selectFrom("paid_segment").selectAll().where("key", "in", chunk).execute(),
  );
  const bytes = new Map(rows.map((row) => [encodeHex(row.key), Number(row.bytes)]));
  return (downloader, segment) => bytes.get(encodeHex(paidSegmentKey(secret, downloader, segment))) ?? 0;
}

/** Pending transfers of a code that nothing has posted or voided, of the epochs above `after` up to `last`. */
async function readUnresolved(transaction: Tx, code: TransferCode, after: bigint | null, last: bigint) {
  return transaction
    .selectFrom("transfer as pending")
    .leftJoin("transfer as resolution", "resolution.pending_id", "pending.id")
    .selectAll("pending")
    .where("pending.code", "=", code)
    .where("pending.state", "=", "pending")
    .where("pending.epoch", ">", after ?? -1n)
    .where("pending.epoch", "<=", last)
    .where("resolution.id", "is", null)
    .orderBy("pending.id")
    .execute();
}

/** Rewards whose escrow ended since the epoch before: those were released with it. */
async function readMatured(transaction: Tx, { epoch, opensMs, closesMs, parameters }: EpochToSettle) {
  const epochMs = closesMs - opensMs;
  const before = await transaction
    .selectFrom("epoch")
    .select(["n", "parameters"])
    .orderBy("n", "desc")
    .executeTakeFirst();
  const { escrowMs } = before ? (JSON.parse(before.parameters) as SettlementParameters) : parameters;
  const after = before === undefined ? null : before.n - epochsHeld(escrowMs, epochMs);
  const last = BigInt(epoch) - epochsHeld(parameters.escrowMs, epochMs);
  return readUnresolved(transaction, "reward", after, last);
}
