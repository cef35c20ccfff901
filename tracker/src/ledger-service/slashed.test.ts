import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../adapters/database/open-database.ts";
import { accountOf, batchOf, PUBLISHER, statementOf } from "../adapters/database/testing/epoch-scene.ts";
import { everyDatabase } from "../adapters/database/testing/databases.ts";
import { grantOf, linksOf, sequence } from "../ledger/testing/scene.ts";
import type { Ledger } from "./contract.ts";
import { startLedgerThread } from "./ledger-thread.ts";
import { auditOf } from "./testing/audit-of.ts";

const EPOCH_MS = 60_000;
const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

describe.each(databases)("a ledger on $kind", ({ create }) => {
  let dataDir: string;
  let ledger: Ledger;
  let database: Database;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "tributary-slashed-"));
    const location = await create();
    ledger = await startLedgerThread({
      dataDir,
      database: location,
      epochMs: EPOCH_MS,
      graceMs: 0,
      parameters: { prefixesMin: 1, escrowMs: 3 * EPOCH_MS },
    });
    database = await openDatabase(location);
  });
  afterEach(async () => {
    await ledger.close();
    await database.destroy();
    rmSync(dataDir, { recursive: true });
  });

  const findings = async () => (await auditOf(database, dataDir)).findings;
  const statesOf = async (name: string) =>
    (await ledger.earningsOf(accountOf(name))).map(({ epoch, state }) => [epoch, state]);

  it("T4 liar: two signed claims for one receipt void its escrow, which an audit can follow", async () => {
    await ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 10_000n });
    for (const epoch of [1, 2])
      await ledger.takeLease({ id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch });
    // In the first epoch Bob serves Erin; in the second he lies to Alice about what he got.
    const { statements: _honest, ...first } = batchOf(1);
    const served = grantOf("served", { epoch: 1, publisher: PUBLISHER, from: "bob", to: "erin" });
    const links = linksOf(sequence(10, 15));
    await ledger.record({
      ...first,
      grants: [served],
      statements: [statementOf(served, "uploader", links), statementOf(served, "downloader", links)],
    });
    await ledger.settleDue(2 * EPOCH_MS);
    expect(await statesOf("bob")).toEqual([[1, "pending"]]);

    const { statements, ...second } = batchOf(2);
    const told = grantOf("a 2", { epoch: 2, publisher: PUBLISHER });
    const lie = statementOf(told, "downloader", linksOf(sequence(20, 22)), { receiptSeq: 5 });
    await ledger.record({ ...second, statements: [statements![0]!, lie, ...statements!.slice(2)] });
    const [settled] = await ledger.settleDue(3 * EPOCH_MS);
    expect(settled?.liars).toEqual([told.downloaderKey]);
    expect(await statesOf("bob")).toEqual([[1, "voided"]]);
    expect(await statesOf("alice")).toEqual([[2, "pending"]]);
    expect(await findings()).toEqual([]);

    // Nothing is released to him later, and the others get theirs.
    await ledger.settleDue(7 * EPOCH_MS);
    expect(await statesOf("bob")).toEqual([[1, "voided"]]);
    expect(await statesOf("alice")).toEqual([[2, "posted"]]);
    expect(await findings()).toEqual([]);

    await database.updateTable("lie").set({ account: null }).execute();
    expect(await findings()).toEqual([expect.stringContaining("there is no lie of peer:") as string]);
  });
});
