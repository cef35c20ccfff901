import { encodeHex } from "@tributary/protocol";
import {
  egressRecord,
  type EpochRecord,
  epochRecord,
  leafHash,
  NO_PAYOUT_LEAF,
  payoutRecord,
  settledRecord,
  type SettledRecord,
  sumTree,
} from "@tributary/protocol/log";
import { keptNodesDiffer, readLeaves } from "../adapters/database/payout-tree.ts";
import { hashed, sha256 } from "../adapters/database/sha256.ts";
import { balancesRoot, readEgress, rootOfLeaves } from "../adapters/database/settlement-store.ts";
import type { Database } from "../adapters/database/open-database.ts";
import { brokenInvariants } from "../ledger/invariants.ts";
import type { Transfer, TransferCode } from "../ledger/transfers.ts";
import { auditBalances, type Find, openBooks } from "./audit-books.ts";
import { auditFiles, auditLog } from "./audit-log.ts";
import { auditSlashes } from "./audit-slashes.ts";
import type { LogKey } from "./publish.ts";

export interface AuditReport {
  readonly epochs: number;
  readonly transfers: number;
  readonly payouts: number;
  /** Each a sentence about what differs; empty where nothing does. */
  readonly findings: readonly string[];
}

/**
 * Computes every epoch again from what is stored: its trees and sums, the transfers and balances, the log and its
 * signed checkpoints, and the published files.
 */
export async function audit(database: Database, logFolder: string, logKey: LogKey): Promise<AuditReport> {
  const findings: string[] = [];
  const find = (holds: boolean, text: string) => {
    if (!holds) findings.push(text);
  };
  const books = await openBooks(database);
  const rows = await database.selectFrom("epoch").selectAll().orderBy("entry").execute();
  let previous: { hash: Uint8Array; n: bigint } | null = null;
  let payouts = 0;
  for (const [at, row] of rows.entries()) {
    const name = `epoch ${row.n}`;
    find(row.entry === BigInt(at), `${name}: is entry ${row.entry} of the log and should be ${at}`);
    const decoded = epochRecord.decode(row.record);
    if (!decoded.ok) {
      findings.push(`${name}: its record cannot be read: ${decoded.reason}`);
      continue;
    }
    const record = decoded.value;
    find(BigInt(record.epoch) === row.n, `${name}: its record is of epoch ${record.epoch}`);
    find(previous === null || previous.n < row.n, `${name}: comes after epoch ${previous?.n}`);
    const before: Uint8Array = previous?.hash ?? new Uint8Array(32);
    find(same(record.previous, before), `${name}: does not follow on the epoch before it`);
    find(
      same(record.parameters, sha256(Buffer.from(row.parameters))),
      `${name}: its parameters were changed`,
    );
    payouts += await auditEpoch(database, record, books.ofEpoch(row.n), name, find);
    books.apply(row.n);
    find(same(record.balancesRoot, balancesRoot(books.balances())), `${name}: the balances after it differ`);
    for (const broken of brokenInvariants(books.balances())) findings.push(`${name}: ${broken}`);
    previous = { hash: hashed(leafHash(row.record)), n: row.n };
  }
  books.applyRest();
  await auditBalances(database, books.balances(), find);
  await auditSlashes(database, find);
  const records = rows.map(({ record }) => new Uint8Array(record));
  await auditLog(database, records, logKey, find);
  await auditFiles(records, logFolder, logKey, find);
  return { epochs: rows.length, transfers: books.count, payouts, findings };
}

const same = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;

/** One epoch's trees, and its transfers against them. @returns how many payouts it has */
async function auditEpoch(
  database: Database,
  record: EpochRecord,
  transfers: readonly Transfer[],
  name: string,
  find: Find,
): Promise<number> {
  const n = BigInt(record.epoch);
  const leaves = await readLeaves(database, n);
  const tree = hashed(sumTree(leaves.map(({ node }) => node)));
  find(
    record.payoutsCount === leaves.length,
    `${name}: ${leaves.length} payouts, its record says ${record.payoutsCount}`,
  );
  find(same(record.payoutsRoot, tree.hash), `${name}: the tree of its payouts has another root`);
  find(!(await keptNodesDiffer(database, n, leaves)), `${name}: what is kept of its payouts tree differs`);
  find(
    record.paid === tree.sum,
    `${name}: its payouts add up to ${tree.sum}, its record says ${record.paid}`,
  );

  const settled = (
    await database.selectFrom("settled").select("record").where("epoch", "=", n).orderBy("grant_id").execute()
  ).map(({ record }) => settledRecord.decode(record));
  const grants = settled.flatMap((decoded): SettledRecord[] => (decoded.ok ? [decoded.value] : []));
  find(
    settled.every(({ ok }) => ok),
    `${name}: a settled grant cannot be read`,
  );
  find(
    record.settledCount === settled.length,
    `${name}: ${settled.length} settled grants, its record says ${record.settledCount}`,
  );
  find(
    same(record.settledRoot, rootOfLeaves(grants.map(settledRecord.encode))),
    `${name}: the tree of its grants has another root`,
  );
  const egress = await readEgress(database, n);
  find(
    record.egressCount === egress.length,
    `${name}: ${egress.length} egress reports, its record says ${record.egressCount}`,
  );
  find(
    same(record.egressRoot, rootOfLeaves(egress.map(egressRecord.encode))),
    `${name}: its egress reports differ`,
  );

  const sumOf = (code: TransferCode) =>
    transfers.reduce((sum, transfer) => (transfer.code === code ? sum + transfer.amount : sum), 0n);
  find(
    record.collected === sumOf("charge"),
    `${name}: ${sumOf("charge")} charged, its record says ${record.collected}`,
  );
  find(
    record.paid === sumOf("reward"),
    `${name}: ${sumOf("reward")} rewarded, its record says ${record.paid}`,
  );
  find(record.burned === sumOf("burn"), `${name}: ${sumOf("burn")} burned, its record says ${record.burned}`);
  find(record.paid <= record.collected, `${name}: ${record.paid} paid of ${record.collected} collected`);

  const byId = new Map(transfers.map((transfer) => [transfer.id, transfer]));
  let bytes = 0n;
  for (const [leaf, { row }] of leaves.entries()) {
    const decoded = payoutRecord.decode(row.record);
    if (!decoded.ok) {
      find(false, `${name}: payout ${leaf} cannot be read: ${decoded.reason}`);
      continue;
    }
    const payout = decoded.value;
    bytes += payout.bytes;
    const fits =
      row.leaf === BigInt(leaf) &&
      payout.epoch === record.epoch &&
      payout.paid === row.paid &&
      same(payout.account, row.account) &&
      same(payout.publisher, row.publisher);
    find(fits, `${name}: payout ${leaf} is filed under other values than its record`);
    const id = `epoch/${record.epoch}/reward/${encodeHex(payout.account)}/${encodeHex(payout.publisher)}`;
    find(
      (byId.get(id)?.amount ?? 0n) === payout.paid,
      `${name}: payout ${leaf} of ${payout.paid} has another transfer`,
    );
    const ofGrants = grants.filter((grant) => grant.leaf === leaf && grant.leaf !== NO_PAYOUT_LEAF);
    const granted = ofGrants.reduce((sum, grant) => sum + grant.bytes, 0n);
    find(
      granted === payout.bytes,
      `${name}: payout ${leaf} of ${payout.bytes} bytes has grants of ${granted}`,
    );
    find(
      ofGrants.length === payout.grants,
      `${name}: payout ${leaf} of ${payout.grants} grants has ${ofGrants.length}`,
    );
  }
  const spent = await database.selectFrom("spent").select("bytes").where("epoch", "=", n).execute();
  const delivered = spent.reduce((sum, row) => sum + row.bytes, 0n);
  // An older version did not keep it.
  find(
    spent.length === 0 || delivered === bytes,
    `${name}: ${delivered} bytes are filed under publishers, its payouts are for ${bytes}`,
  );
  find(
    bytes === record.bytes,
    `${name}: its payouts are for ${bytes} bytes, its record says ${record.bytes}`,
  );
  return leaves.length;
}
