import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { sql } from "kysely";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPayoutProof, parseNoteKey, parsePayoutProof, runHashing } from "@tributary/protocol/log";
import { verifyEd25519 } from "../adapters/crypto/ed25519.ts";
import { type Database, openDatabase } from "../adapters/database/open-database.ts";
import { setPayoutAddress } from "../adapters/database/payout-addresses.ts";
import { takeSettlerLock } from "../adapters/database/settler-lock.ts";
import { sha256 } from "../adapters/database/sha256.ts";
import { everyDatabase } from "../adapters/database/testing/databases.ts";
import { accountOf, batchOf, PUBLISHER } from "../adapters/database/testing/epoch-scene.ts";
import { bytesOf } from "../ledger/testing/scene.ts";
import { exportClaims } from "./claims.ts";
import type { Ledger } from "./contract.ts";
import { openLedger } from "./ledger.ts";
import { startLedgerThread } from "./ledger-thread.ts";
import { auditOf } from "./testing/audit-of.ts";

const EPOCH_MS = 60_000;
const LEASE_MS = 20_000;
const DISTRIBUTOR = `0x${"d".repeat(40)}`;
const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

describe.each(databases)("a tracker's whole ledger on $kind", ({ create }) => {
  let dataDir: string;
  let location: string;
  let ledger: Ledger;
  let database: Database;
  const options = () => ({
    dataDir,
    database: location,
    epochMs: EPOCH_MS,
    graceMs: 0,
    parameters: { prefixesMin: 1, escrowMs: 2 * EPOCH_MS },
  });

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "tributary-ledger-"));
    location = await create();
    ledger = await openLedger(options());
    database = await openDatabase(location);
    await ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 10_000n });
    for (const epoch of [1, 2, 3])
      await ledger.takeLease({ id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch });
  });
  afterEach(async () => {
    await ledger.close();
    await database.destroy();
    rmSync(dataDir, { recursive: true });
  });

  const findings = async () => (await auditOf(database, dataDir)).findings;
  const statesOf = async (name: string) =>
    (await ledger.earningsOf(accountOf(name))).map(({ epoch, state }) => [epoch, state]);

  it("tells a viewer what it earned and a publisher what it spent, pending first, then posted", async () => {
    for (const epoch of [1, 2, 3]) await ledger.record(batchOf(epoch));
    await ledger.settleDue(4 * EPOCH_MS);
    expect(await ledger.earningsOf(accountOf("alice"))).toMatchObject(
      [3, 2, 1].map((epoch) => ({ epoch, publisher: PUBLISHER, bytes: 5_000_000n, paid: 17n })),
    );
    expect(await statesOf("alice")).toEqual([
      [3, "pending"],
      [2, "pending"],
      [1, "posted"],
    ]);
    const { available, setAside, charges } = await ledger.spendingOf(PUBLISHER);
    expect(charges).toEqual([3, 2, 1].map((epoch) => ({ epoch, amount: 50n, bytes: 10_000_000n })));
    expect([available, setAside]).toEqual([10_000n - 150n, 0n]);
    expect(await ledger.earningsOf(bytesOf("stranger"))).toEqual([]);
    expect(await findings()).toEqual([]);
  });

  it("proves each payout to whoever has the log's key alone", async () => {
    await ledger.record(batchOf(1));
    await ledger.settleDue(2 * EPOCH_MS);
    const key = runHashing(parseNoteKey(ledger.logKey), sha256);
    const proof = parsePayoutProof((await ledger.proofOf(accountOf("alice"), PUBLISHER, 1)) ?? "");
    if (!key.ok || !proof.ok) throw new Error("the key or the proof cannot be read");
    const { proved } = await checkPayoutProof(proof.value, key.value, verifyEd25519, (hashing) =>
      runHashing(hashing, sha256),
    );
    expect(proved?.payout).toMatchObject({ account: accountOf("alice"), bytes: 5_000_000n, paid: 17n });
    expect(await ledger.proofOf(accountOf("bob"), PUBLISHER, 1)).toBeNull();
  });

  it("keeps a publisher's last word on its egress until the epoch is settled", async () => {
    await ledger.record({ ...batchOf(1), egress: [] });
    const report = { publisher: PUBLISHER, swarms: [bytesOf("unwatched"), bytesOf("swarm")], epoch: 1 };
    for (const bytes of [1_000_000_000, 478_000_000])
      expect(await ledger.reportEgress({ ...report, bytes })).toEqual({
        kind: "kept",
        swarm: bytesOf("swarm"),
      });
    const elsewhere = { ...report, swarms: [bytesOf("unwatched")], bytes: 1 };
    expect(await ledger.reportEgress(elsewhere)).toEqual({ kind: "unwatched" });
    const [settled] = await ledger.settleDue(2 * EPOCH_MS);
    // 480 MB were watched.
    expect(settled?.bytes).toBe(2_000_000n);
    expect(await ledger.reportEgress({ ...report, bytes: 1 })).toEqual({ kind: "settled" });
    expect(await findings()).toEqual([]);
  });

  it("T5 pays once for what is stated at two trackers that share it, whichever settles", async () => {
    // In a thread of its own: SQLite makes a whole thread wait where another one writes.
    const other = await startLedgerThread(options());
    await Promise.all([ledger.record(batchOf(1)), other.record(batchOf(1))]);
    const settled = (await Promise.all([ledger, other].map((of) => of.settleDue(2 * EPOCH_MS)))).flat();
    expect(settled.map(({ epoch, paid }) => [epoch, paid])).toEqual([[1, 34n]]);
    await other.record({ ...batchOf(2), statements: batchOf(1).statements! });
    await other.settleDue(3 * EPOCH_MS);
    expect((await ledger.spendingOf(PUBLISHER)).charges).toEqual([
      { epoch: 1, amount: 50n, bytes: 10_000_000n },
    ]);
    await other.close();
    expect(await findings()).toEqual([]);
  });

  it("T5 lets another tracker settle while its lease runs, and settles what a killed one left after its end", async () => {
    await ledger.record(batchOf(1));
    const atMs = 2 * EPOCH_MS;
    expect(await takeSettlerLock(database, "killed", atMs, LEASE_MS)).not.toBeNull();
    expect(await ledger.settleDue(atMs)).toEqual([]);
    expect(await ledger.settleDue(atMs + LEASE_MS - 1)).toEqual([]);
    expect((await ledger.settleDue(atMs + LEASE_MS)).map(({ epoch, paid }) => [epoch, paid])).toEqual([
      [1, 34n],
    ]);
  });

  it("exports what is out of escrow to OpenZeppelin's tree, a day after an address was set", async () => {
    for (const epoch of [1, 2, 3]) await ledger.record(batchOf(epoch));
    await ledger.settleDue(4 * EPOCH_MS);
    const address = `0x${"A".repeat(40)}`;
    const fromMs = await setPayoutAddress(database, accountOf("alice"), address, 1_000);
    const chain = { chainId: 137n, distributor: DISTRIBUTOR };
    expect((await exportClaims(database, { ...chain, nowMs: fromMs - 1 })).claims).toBe(0);
    const { dump, root, total } = await exportClaims(database, { ...chain, nowMs: fromMs });
    expect(total).toBe(17n);
    const tree = StandardMerkleTree.load(JSON.parse(JSON.stringify(dump)) as typeof dump);
    tree.validate();
    const leaf = ["137", DISTRIBUTOR, address.toLowerCase(), "17"];
    expect([...tree.entries()].map(([, value]) => value)).toEqual([leaf]);
    expect(StandardMerkleTree.verify(root, dump.leafEncoding, leaf, tree.getProof(0))).toBe(true);
  });

  it("T16 a changed payout address gets what is settled once it counts, and none of what the old one may claim", async () => {
    const chain = { chainId: 137n, distributor: DISTRIBUTOR };
    const [old, next] = ["a", "b"].map((digit) => `0x${digit.repeat(40)}`) as [string, string];
    const claimsAt = async (nowMs: number) => {
      const { dump } = await exportClaims(database, { ...chain, nowMs });
      return dump.values.map(({ value }) => [value[2], value[3]]);
    };
    for (const epoch of [1, 2, 3]) await ledger.record(batchOf(epoch));
    const fromMs = await setPayoutAddress(database, accountOf("alice"), old, 0);
    await ledger.settleDue(4 * EPOCH_MS);
    expect(await claimsAt(fromMs)).toEqual([[old, "17"]]);
    const nextFromMs = await setPayoutAddress(database, accountOf("alice"), next, fromMs);
    expect(await claimsAt(nextFromMs - 1)).toEqual([[old, "17"]]);
    await ledger.settleDue(nextFromMs + EPOCH_MS);
    expect((await claimsAt(nextFromMs + EPOCH_MS)).sort()).toEqual([
      [old, "17"],
      [next, "34"],
    ]);
    expect(await findings()).toEqual([]);
  });

  it("is found out by an audit where a payout was changed", async () => {
    await ledger.record(batchOf(1));
    await ledger.settleDue(2 * EPOCH_MS);
    await sql`update payout set paid = 18 where epoch = 1 and leaf = 1`.execute(database);
    expect((await findings()).join("\n")).toContain("its payouts add up to 35, its record says 34");
  });
});
