import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeHex } from "@tributary/protocol";
import { settledRecord } from "@tributary/protocol/log";
import { loadTrackerKey } from "../../adapters/crypto/tracker-key.ts";
import { type Database, openDatabase, sqliteFileOf } from "../../adapters/database/open-database.ts";
import { audit } from "../../ledger-service/audit.ts";
import { openLedger } from "../../ledger-service/ledger.ts";
import { logFolderOf } from "../../ledger-service/log-folder.ts";
import { logSigner } from "../../ledger-service/log-key.ts";
import { SEGMENT_BYTES } from "./film.ts";
import type { Sent } from "./load.ts";
import type { Transfer } from "./transfer.ts";

/** What the viewers of all processes know. */
export interface Witnesses {
  readonly acknowledged: readonly Sent[];
  /** Acknowledged after a restart, to whom they were sent again. */
  readonly resent: readonly Sent[];
  readonly transfers: readonly Transfer[];
}

export interface Aftermath {
  /** Each a sentence about what was lost, paid twice or does not add up. */
  readonly findings: readonly string[];
  readonly epochs: number;
  readonly paidBytes: number;
}

/** A copy of what a killed tracker left, for `examine`. */
export function copyOf(dataDir: string): string {
  const copy = mkdtempSync(join(tmpdir(), "tributary-killed-"));
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

/** Looks at such a copy, once a ledger was opened on it, and removes it. */
export async function examine(copy: string, epochMs: number, witnesses: Witnesses): Promise<Aftermath> {
  const ledger = await openLedger({ dataDir: copy, epochMs });
  await ledger.close();
  const database = await openDatabase(sqliteFileOf(copy));
  const audited = await audit(database, logFolderOf(copy), logSigner(loadTrackerKey(copy)));
  const epochs = (await database.selectFrom("epoch").select("n").execute()).map(({ n }) => Number(n));
  const settled = await readSettled(database);
  const findings = [
    ...audited.findings,
    ...(await lostStatements(database, Math.max(-1, ...epochs), witnesses)),
    ...(await wronglySettled(database, settled, new Set(epochs), witnesses)),
    ...paidTwice(settled, witnesses),
  ];
  await database.destroy();
  rmSync(copy, { recursive: true });
  const paidBytes = [...settled.values()].reduce((sum, { bytes }) => sum + Number(bytes), 0);
  return { findings, epochs: epochs.length, paidBytes };
}

type Settled = ReadonlyMap<string, { readonly bytes: bigint; readonly acc: Uint8Array }>;

async function readSettled(database: Database): Promise<Settled> {
  const rows = await database.selectFrom("settled").select("record").execute();
  return new Map(
    rows.map(({ record }) => {
      const decoded = settledRecord.decode(record);
      if (!decoded.ok) throw new Error(`a settled grant cannot be read: ${decoded.reason}`);
      return [encodeHex(decoded.value.grantId), decoded.value];
    }),
  );
}

/** A statement is kept until its epoch is settled, byte for byte. */
async function lostStatements(
  database: Database,
  lastSettled: number,
  { acknowledged, resent }: Witnesses,
): Promise<string[]> {
  const rows = await database.selectFrom("statement").selectAll().execute();
  const stored = new Map(rows.map(({ session, seq, sealed }) => [`${encodeHex(session)} ${seq}`, sealed]));
  return [...acknowledged, ...resent]
    .filter(({ epoch }) => epoch > lastSettled)
    .filter(({ session, seq, sealed }) => !stored.get(`${session} ${seq}`)?.equals(sealed))
    .map(({ session, seq, epoch }) => `statement ${seq} of ${session} in epoch ${epoch} is lost`);
}

/** Settled is what both sides stated with acknowledgement, or what one stated further, and nothing they never said. */
async function wronglySettled(
  database: Database,
  settled: Settled,
  epochs: ReadonlySet<number>,
  { transfers }: Witnesses,
): Promise<string[]> {
  const waiting = await database.selectFrom("granted").select("id").where("state", "=", "put-off").execute();
  const putOff = new Set(waiting.map(({ id }) => encodeHex(id)));
  return transfers.flatMap(({ grant, acknowledged, segmentsOf }) => {
    const id = encodeHex(grant.grantId);
    const both = Math.min(acknowledged.downloader, acknowledged.uploader);
    const record = settled.get(id);
    if (record === undefined)
      return both > 0 && epochs.has(grant.epoch) && !putOff.has(id)
        ? [`grant ${id} of epoch ${grant.epoch} is not settled, with ${both} segments acknowledged`]
        : [];
    const segments = segmentsOf(record.acc);
    return segments === undefined || segments < both
      ? [`grant ${id} is settled at ${segments} segments of ${both}`]
      : [];
  });
}

/** Every viewer claims segments over many grants and epochs; each is worth its size once. */
function paidTwice(settled: Settled, { transfers }: Witnesses): string[] {
  const of = new Map<string, { segments: Set<number>; paid: bigint }>();
  for (const { downloader, links, grant } of transfers) {
    const viewer = of.get(downloader) ?? { segments: new Set<number>(), paid: 0n };
    for (const { segment } of links) viewer.segments.add(segment.sequence);
    viewer.paid += settled.get(encodeHex(grant.grantId))?.bytes ?? 0n;
    of.set(downloader, viewer);
  }
  return [...of].flatMap(([session, { segments, paid }]) =>
    paid > BigInt(segments.size * SEGMENT_BYTES)
      ? [`${paid} bytes are paid for the ${segments.size} segments of ${session}`]
      : [],
  );
}
