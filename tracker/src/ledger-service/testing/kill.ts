import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { encodeHex, statementMessage } from "@tributary/protocol";
import { settledRecord } from "@tributary/protocol/log";
import { loadTrackerKey } from "../../adapters/crypto/tracker-key.ts";
import { type Database, openDatabase, sqliteFileOf } from "../../adapters/database/open-database.ts";
import { SEGMENT_BYTES } from "../../ledger/testing/scene.ts";
import { batchOf } from "../../adapters/database/testing/epoch-scene.ts";
import { audit } from "../audit.ts";
import { openLedger } from "../ledger.ts";
import { logFolderOf } from "../log-folder.ts";
import { logSigner } from "../log-key.ts";
import { KILL_EPOCH_MS, type KillLoad } from "./kill-load.ts";

/** Five segments. */
const GRANT_BYTES = 5n * BigInt(SEGMENT_BYTES);

/** What a killed process had acknowledged. */
export interface Acknowledged {
  /** "epoch number" of each statement. */
  readonly stated: string[];
  readonly settled: number[];
  lastEpoch: number;
}

const CHILD = fileURLToPath(new URL("./kill-child.ts", import.meta.url));

/** Lets a process work on a ledger and kills it with SIGKILL, `afterMs` after it has opened. */
export async function workAndDie(load: KillLoad, afterMs: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, JSON.stringify(load)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const acknowledged: Acknowledged = { stated: [], settled: [], lastEpoch: load.startEpoch };
  const lines = createInterface({ input: child.stdout! });
  const exited = once(child, "exit");
  lines.on("line", (line) => {
    const [what, epoch = "", at = ""] = line.split(" ");
    if (what === "open") setTimeout(() => kill(child), afterMs);
    if (what === "stated") acknowledged.stated.push(`${epoch} ${at}`);
    if (what === "settled") acknowledged.settled.push(Number(epoch));
    if (epoch !== "") acknowledged.lastEpoch = Math.max(acknowledged.lastEpoch, Number(epoch));
  });
  await Promise.all([exited, once(lines, "close")]);
  if (child.signalCode !== "SIGKILL") throw new Error(`it ended by itself with ${child.exitCode}`);
  return acknowledged;
}

function kill(child: ChildProcess): void {
  child.kill("SIGKILL");
}

export interface Aftermath {
  /** From opening to settled again. */
  readonly recoveryMs: number;
  /** Acknowledged statements that are neither stored nor settled. */
  readonly lost: string[];
  /** Whatever an audit finds, and epochs told to be settled that are not. */
  readonly findings: string[];
}

/** Opens the ledger again after a kill, as a restarted tracker does, and checks it. */
export async function recover(dataDir: string, { stated, settled }: Acknowledged): Promise<Aftermath> {
  const startMs = performance.now();
  const ledger = await openLedger({
    dataDir,
    epochMs: KILL_EPOCH_MS,
    graceMs: 0,
    parameters: { prefixesMin: 1, escrowMs: 3 * KILL_EPOCH_MS },
  });
  await ledger.close();
  const recoveryMs = performance.now() - startMs;
  const database = await openDatabase(sqliteFileOf(dataDir));
  const rows = await database.selectFrom("statement").select("sealed").execute();
  const stored = new Set(rows.map(({ sealed }) => encodeHex(sealed)));
  const epochs = new Set(
    (await database.selectFrom("epoch").select("n").execute()).map(({ n }) => Number(n)),
  );
  const lost = stated.filter((which) => {
    const [epoch = 0, at = 0] = which.split(" ").map(Number);
    const { sealed } = batchOf(epoch).statements![at]!;
    const parsed = statementMessage.parse(sealed);
    if (!parsed.ok) throw new Error(parsed.reason);
    return !stored.has(encodeHex(sealed)) && !epochs.has(epoch);
  });
  const { findings } = await audit(database, logFolderOf(dataDir), logSigner(loadTrackerKey(dataDir)));
  const wrong = await wronglyPaid(database, stated, epochs);
  const unsettled = settled
    .filter((epoch) => !epochs.has(epoch))
    .map((epoch) => `epoch ${epoch} is not settled`);
  await database.destroy();
  return { recoveryMs, lost, findings: [...findings, ...unsettled, ...wrong] };
}

/** A grant that both sides stated is worth all its bytes, once; one that a side was killed over, all or nothing. */
async function wronglyPaid(
  database: Database,
  stated: readonly string[],
  epochs: ReadonlySet<number>,
): Promise<string[]> {
  const rows = await database.selectFrom("settled").select("record").execute();
  const bytes = new Map<string, bigint>();
  for (const { record } of rows) {
    const settled = settledRecord.decode(record);
    if (settled.ok) bytes.set(encodeHex(settled.value.grantId), settled.value.bytes);
  }
  const odd = [...bytes].filter(([, paid]) => paid !== 0n && paid !== GRANT_BYTES);
  const wrong = odd.map(([id, paid]) => `grant ${id} is paid for ${paid} bytes`);
  for (const epoch of epochs)
    for (const [at, { grantId }] of (batchOf(epoch).grants ?? []).entries()) {
      const bothStated = [2 * at, 2 * at + 1].every((statement) => stated.includes(`${epoch} ${statement}`));
      const paid = bytes.get(encodeHex(grantId));
      if (bothStated && paid !== GRANT_BYTES)
        wrong.push(`epoch ${epoch}: grant ${at} is paid for ${paid} bytes`);
    }
  return wrong;
}
