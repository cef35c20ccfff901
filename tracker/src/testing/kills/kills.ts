import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openDatabase, sqliteFileOf } from "../../adapters/database/open-database.ts";
import { createSeededRandom } from "../seeded-random.ts";
import { type Aftermath, copyOf, examine } from "./aftermath.ts";
import { type Film, serveFilm } from "./film.ts";
import { type Sent, startLoad } from "./load.ts";
import { startTrackerProcess, type TrackerProcess } from "./tracker-process.ts";
import type { Transfer } from "./transfer.ts";

const EPOCH_SECONDS = 1;
/** Much longer than a restart, so that what is sent again after it still counts, on a busy machine too. */
const SETTLE_AFTER_SECONDS = 8;
const ESCROW_SECONDS = 5;
const EPOCH_MS = EPOCH_SECONDS * 1_000;
const FLAGS = [
  ...["--open", "--allow-same-network", "--no-verifier"],
  ...["--epoch", String(EPOCH_SECONDS), "--settle-after", String(SETTLE_AFTER_SECONDS)],
  ...["--escrow", String(ESCROW_SECONDS)],
];
/** The tracker looks four times in an epoch whether there is something to settle. */
const WORK_MS_MAX = 600;

export interface KillFigures {
  readonly moments: number;
  readonly acknowledged: number;
  /** Unanswered at a kill, and acknowledged when they were sent again. */
  readonly resent: number;
  readonly epochs: number;
  readonly paidBytes: number;
  /** Of each start after a kill. */
  readonly restartMs: readonly number[];
  readonly recoveryMs: readonly number[];
}

/**
 * Kills a tracker at random moments while viewers state what they served each other, starts it again on what it left,
 * and looks at that each time.
 * @throws Error naming the moment and what is wrong
 */
export async function killAtMoments(
  moments: number,
  seed: number,
  progress: (moment: number) => void = () => undefined,
): Promise<KillFigures> {
  const random = createSeededRandom(seed);
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-kills-"));
  const account = generateKeyPairSync("ed25519");
  const film = await serveFilm();
  const acknowledged: Sent[] = [];
  const resent: Sent[] = [];
  const transfers: Transfer[] = [];
  const starts: TrackerProcess[] = [];
  const check = async (when: string): Promise<Aftermath> => {
    const found = await examine(copyOf(dataDir), EPOCH_MS, { acknowledged, resent, transfers });
    if (found.findings.length > 0)
      throw new Error(`${when} of seed ${seed}, data in ${dataDir}: ${found.findings.join("; ")}`);
    return found;
  };
  let tracker = await startTrackerProcess(dataDir, FLAGS);
  try {
    for (let moment = 1; moment <= moments; moment++) {
      const load = await startLoad({ url: tracker.url, film, account, epochMs: EPOCH_MS, random });
      if (moment === 1) await rootsAreKnown(dataDir, film);
      await setTimeout(random() * WORK_MS_MAX);
      await tracker.kill();
      await load.ended;
      acknowledged.push(...load.acknowledged);
      transfers.push(...load.transfers);
      // What is looked at was copied before the next one starts.
      const checked = check(`kill ${moment}`);
      checked.catch(() => undefined);
      tracker = await startTrackerProcess(dataDir, FLAGS);
      await checked;
      starts.push(tracker);
      resent.push(...(await sendAgain(tracker.url, load.unanswered())));
      progress(moment);
    }
    await allIsSettled(dataDir);
    await tracker.stop();
    const { epochs, paidBytes } = await check("the end");
    rmSync(dataDir, { recursive: true });
    return {
      moments,
      acknowledged: acknowledged.length,
      resent: resent.length,
      epochs,
      paidBytes,
      restartMs: starts.map(({ restartMs }) => restartMs),
      recoveryMs: starts.map(({ recoveryMs }) => recoveryMs),
    };
  } catch (error) {
    await tracker.kill().catch(() => undefined);
    throw error;
  } finally {
    await film.origin.close();
  }
}

/** As pages do that come back: by POST. Those that were acknowledged now. */
async function sendAgain(url: string, statements: readonly Sent[]): Promise<Sent[]> {
  const answers = await Promise.all(
    statements.map(async (statement) => {
      const body = Buffer.from(statement.sealed);
      const answer = await fetch(`${url.replace("ws", "http")}/statement`, { method: "POST", body });
      return { statement, status: answer.status };
    }),
  );
  return answers.flatMap(({ statement, status }) => (status === 204 ? [statement] : []));
}

/** From then on nothing stays unpaid for want of a root, whenever the tracker is killed. */
async function rootsAreKnown(dataDir: string, { segments }: Film): Promise<void> {
  await until(dataDir, "segment_root", (rows) => rows >= segments.length);
}

async function allIsSettled(dataDir: string): Promise<void> {
  await until(dataDir, "statement", (rows) => rows === 0);
}

async function until(
  dataDir: string,
  table: "segment_root" | "statement",
  holds: (rows: number) => boolean,
): Promise<void> {
  const database = await openDatabase(sqliteFileOf(dataDir));
  try {
    for (let tries = 0; tries < 300; tries++) {
      const { count } = await database
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<bigint>().as("count"))
        .executeTakeFirstOrThrow();
      if (holds(Number(count))) return;
      await setTimeout(100);
    }
    throw new Error(`the tracker did not come to it within 30 s: ${table}`);
  } finally {
    await database.destroy();
  }
}
