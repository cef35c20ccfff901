import { cpSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  consistencyNodes,
  foldProof,
  inclusionNodes,
  isConsistent,
  isIncluded,
  leafHash,
} from "@tributary/protocol/log";
import { loadTrackerKey } from "../adapters/crypto/tracker-key.ts";
import { openDatabase } from "../adapters/database/open-database.ts";
import { readBalances } from "../adapters/database/postings.ts";
import { everyDatabase } from "../adapters/database/testing/databases.ts";
import { batchOf, PUBLISHER } from "../adapters/database/testing/epoch-scene.ts";
import { publisherAccount } from "../ledger/accounts.ts";
import type { Ledger } from "./contract.ts";
import { openLedger } from "./ledger.ts";
import { logFolderOf } from "./log-folder.ts";
import { logSigner } from "./log-key.ts";
import { type CrashImage, type LedgerHome, ledgerHomes } from "./testing/ledger-homes.ts";
import { readAsBrowser, run } from "./testing/read-as-browser.ts";
import { auditOf } from "./testing/audit-of.ts";

const EPOCH_MS = 60_000;
/** On PostgreSQL each crash wants a database of its own. */
const CRASHES_TIMEOUT_MS = 240_000;
/** Longer than a dead settler holds up its heir, and shorter than an epoch. */
const LATER_MS = 30_000;
const closedMs = (epoch: number) => (epoch + 1) * EPOCH_MS + 1_000;

const databases = (await everyDatabase()).map(ledgerHomes);
afterAll(async () => {
  for (const { close } of databases) await close();
}, CRASHES_TIMEOUT_MS);

const open = (home: LedgerHome) =>
  openLedger({ ...home, epochMs: EPOCH_MS, graceMs: 1_000, parameters: { prefixesMin: 1 } });
async function using<Result>(home: LedgerHome, use: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  const ledger = await open(home);
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

/** Everybody who ever read the published log: what was signed once is the beginning of all that comes. */
function createWitness() {
  const seen = new Map<number, { readonly size: number; readonly root: Uint8Array }>();
  return {
    /** @returns the size that was seen; every entry of it must be provable */
    async sees({ dataDir }: LedgerHome): Promise<number> {
      const log = await readAsBrowser(logFolderOf(dataDir), logSigner(loadTrackerKey(dataDir)));
      for (let index = 0; index < log.size; index++) {
        const proof = run(foldProof(inclusionNodes(index, log.size), log.hashOf));
        const leaf = run(leafHash(log.entry(index)));
        expect(run(isIncluded(leaf, index, log.size, proof, log.root)), `entry ${index}`).toBe(true);
      }
      for (const earlier of seen.values()) {
        if (earlier.size > log.size) continue;
        const proof = run(foldProof(consistencyNodes(earlier.size, log.size), log.hashOf));
        const text = `of size ${earlier.size} was another log than of size ${log.size}`;
        expect(run(isConsistent(earlier, log, proof)), text).toBe(true);
      }
      seen.set(log.size, log);
      return log.size;
    },
  };
}

/** The books are computed again from what is stored, and no account is below zero. */
async function isSound({ dataDir, database: location }: LedgerHome): Promise<void> {
  const database = await openDatabase(location);
  try {
    const { findings } = await auditOf(database, dataDir);
    expect(findings).toEqual([]);
  } finally {
    await database.destroy();
  }
}

async function setAside({ database: location }: LedgerHome): Promise<bigint> {
  const database = await openDatabase(location);
  try {
    const balances = await readBalances(database);
    const of = balances.find(({ id }) => id === publisherAccount(PUBLISHER).id)!;
    expect(of.creditsPosted - of.debitsPosted - of.debitsPending).toBeGreaterThanOrEqual(0n);
    return of.debitsPending;
  } finally {
    await database.destroy();
  }
}

const options = { timeout: CRASHES_TIMEOUT_MS };
describe.each(databases)("T15 fork-and-overspend on $kind", options, ({ create, copy, crashImages }) => {
  /** From before anything was stated of the second epoch. */
  let backup: LedgerHome;
  /** What is left by a crash before each step of settling and publishing the second epoch. */
  let images: readonly CrashImage[];

  beforeAll(async () => {
    const home = await create();
    await using(home, async (ledger) => {
      await ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 10_000n });
      for (const epoch of [1, 2, 3])
        await ledger.takeLease({ id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch });
      await ledger.record(batchOf(1));
      expect((await ledger.settleDue(closedMs(1))).map(({ epoch }) => epoch)).toEqual([1]);
    });
    backup = await copy(home);
    await using(home, (ledger) => ledger.record(batchOf(2)));
    images = await crashImages(home, open, (ledger) => ledger.settleDue(closedMs(2)));
  }, CRASHES_TIMEOUT_MS);

  it("T15 a crash before any step of commit, tile and checkpoint leaves one log, and the books sound", async () => {
    const witness = createWitness();
    const sizes = [];
    for (const { steps, home } of images) {
      const left = await copy(home);
      sizes.push(await witness.sees(left));
      await using(left, (ledger) => ledger.settleDue(closedMs(2) + LATER_MS));
      expect(await witness.sees(left), `after a crash before: ${steps.join(", ")}`).toBe(2);
      await isSound(left);
    }
    expect(new Set(sizes)).toEqual(new Set([1, 2]));
    expect(sizes).toEqual([...sizes].sort());
    const all = images.flatMap(({ steps }) => steps);
    for (const step of [/^commit/, /^half of /, /^rename to 2$/, /^rename to checkpoint$/, /^fsync$/])
      expect(
        all.some((one) => step.test(one)),
        String(step),
      ).toBe(true);
    // A file is on disk before it has its name, and its name before the next file is begun.
    for (const [at, step] of all.entries())
      if (step.startsWith("rename ")) expect([all[at - 1], all[at + 1]], step).toEqual(["fsync", "fsync"]);
  });

  it("a crash after the commit is made good when the ledger is opened, with nothing left to settle", async () => {
    const committed = images.find(({ steps }) => steps.some((step) => step.startsWith("write ")))!;
    const left = await copy(committed.home);
    await using(left, () => Promise.resolve());
    expect(await createWitness().sees(left)).toBe(2);
  });

  it("T15 an old backup of the database is refused, or goes on with the same log", async () => {
    const witness = createWitness();
    const published = logFolderOf(images.at(-1)!.home.dataDir);
    const answers = [];
    for (const home of [backup, ...images.map((image) => image.home)]) {
      const restored = await copy(home);
      rmSync(logFolderOf(restored.dataDir), { recursive: true });
      cpSync(published, logFolderOf(restored.dataDir), { recursive: true });
      expect(await witness.sees(restored)).toBe(2);
      const answer = await using(restored, (ledger) => ledger.settleDue(closedMs(3))).then(
        () => "opened",
        (error: Error) => error.message.replace(/: .*/s, ""),
      );
      expect(await witness.sees(restored)).toBe(answer === "opened" ? 3 : 2);
      answers.push(answer);
    }
    const refused = answers.filter((answer) => answer !== "opened");
    expect(new Set(refused)).toEqual(new Set(["the published log has 2 epochs and the database 1"]));
    expect(answers).toEqual([...refused, ...answers.filter((answer) => answer === "opened")]);
    expect(answers.at(-1)).toBe("opened");
  });

  it("T8 64 that ask for a balance for one get it once, also after a crash before any step of the first two", async () => {
    const poor = await create();
    await using(poor, (ledger) => ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 100n }));
    const ask = (ledger: Ledger, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, at) =>
          ledger.takeLease({ id: `lease/${at}`, publisher: PUBLISHER, amount: 51n, epoch: 1 }),
        ),
      );
    const left = await crashImages(poor, open, (ledger) => ask(ledger, 2));
    for (const { steps, home } of left) {
      const granted = await using(home, (ledger) => ask(ledger, 64));
      expect(
        granted.filter((is) => is),
        `after a crash before: ${steps.join(", ")}`,
      ).toHaveLength(1);
      expect(await setAside(home)).toBe(51n);
    }
    expect(
      left.filter(({ steps }) => steps.some((step) => step.startsWith("commit"))).length,
    ).toBeGreaterThan(0);
  });
});
