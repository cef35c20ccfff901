import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type Database, openDatabase } from "../adapters/database/open-database.ts";
import { setPayoutAddress } from "../adapters/database/payout-addresses.ts";
import { readBalances } from "../adapters/database/postings.ts";
import { everyDatabase } from "../adapters/database/testing/databases.ts";
import { accountOf, batchOf, PUBLISHER } from "../adapters/database/testing/epoch-scene.ts";
import { exportClaims } from "../ledger-service/claims.ts";
import { openLedger } from "../ledger-service/ledger.ts";
import { logFolderOf } from "../ledger-service/log-folder.ts";
import { auditOf } from "../ledger-service/testing/audit-of.ts";
import { type LedgerHome, ledgerHomes } from "../ledger-service/testing/ledger-homes.ts";
import { publisherAccount } from "../ledger/accounts.ts";
import { publisherIdOf } from "../publishers/publisher-input.ts";
import { parseLedgerCli } from "./cli-options.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const EPOCH_MS = 60_000;
const DISTRIBUTOR = `0x${"d".repeat(40)}`;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const ledgerCli = (...args: string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", MAIN, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

const databases = (await everyDatabase()).map(ledgerHomes);
afterAll(async () => {
  for (const { close } of databases) await close();
});

describe.each(databases)("the ledger's command line on $kind", ({ kind, create }) => {
  let home: LedgerHome;
  let dataDir = "";
  let proof = "";
  let logKey = "";

  /** Five settled epochs, of which rewards are held for two. */
  beforeAll(async () => {
    home = await create();
    ({ dataDir } = home);
    const parameters = { prefixesMin: 1, escrowMs: 2 * EPOCH_MS };
    const ledger = await openLedger({ ...home, epochMs: EPOCH_MS, graceMs: 0, parameters });
    await ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 10_000n });
    for (const epoch of [1, 2, 3, 5]) {
      await ledger.takeLease({ id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch });
      await ledger.record(batchOf(epoch));
    }
    await ledger.settleDue(9 * EPOCH_MS);
    // Something is under way while the audit looks.
    await ledger.takeLease({ id: "lease/9", publisher: PUBLISHER, amount: 500n, epoch: 9 });
    await ledger.record(batchOf(9));
    proof = (await ledger.proofOf(accountOf("alice"), PUBLISHER, 3))!;
    logKey = ledger.logKey;
    await ledger.close();
  });

  /** A SQLite file is found in the data directory. */
  const place = () => ["--data", dataDir, ...(kind === "sqlite" ? [] : ["--database", home.database])];

  async function withDatabase<Result>(use: (database: Database) => Promise<Result>): Promise<Result> {
    const database = await openDatabase(home.database);
    try {
      return await use(database);
    } finally {
      await database.destroy();
    }
  }
  const audited = (database: Database) => auditOf(database, dataDir);

  it("audits a sound ledger, and says so", async () => {
    const { code, stdout } = await ledgerCli("audit", ...place());
    expect(stdout).toBe("4 epochs, 8 payouts and 36 transfers: all holds\n");
    expect(code).toBe(0);
  });

  test.each([
    [
      "a larger payout",
      "update payout set paid = paid + 1 where epoch = 2 and leaf = 0",
      /epoch 2: its payouts add up to 35, its record says 34/,
    ],
    [
      "a larger reward",
      "update transfer set amount = amount + 1 where code = 'reward' and epoch = 3",
      /epoch 3: 36 rewarded, its record says 34/,
    ],
    [
      "a smaller charge",
      "update transfer set amount = 49 where code = 'charge' and epoch = 1",
      /epoch 1: 49 charged, its record says 50/,
    ],
    [
      "a balance",
      "update account set credits_posted = credits_posted + 5 where kind = 'peer'",
      /^peer:\w+: its balance is not what its transfers make/,
    ],
    [
      "a settled grant",
      "update settled set record = (select record from settled where epoch = 1 limit 1) where epoch = 2",
      /epoch 2: the tree of its grants has another root/,
    ],
    [
      "a settled grant that is gone",
      "delete from settled where epoch = 3",
      /epoch 3: 0 settled grants, its record says 2/,
    ],
    [
      "an egress report",
      "update egress_report set bytes = 1 where epoch = 1",
      /epoch 1: its egress reports differ/,
    ],
    [
      "the parameters",
      "update epoch set parameters = '{}' where n = 5",
      /epoch 5: its parameters were changed/,
    ],
    [
      "the order of epochs",
      "update epoch set record = (select record from epoch where n = 1) where n = 2",
      /epoch 2: its record is of epoch 1/,
    ],
    [
      "a node of the log",
      "update log_node set hash = (select hash from log_node where level = 0 and position = 1) where level = 0 and position = 0",
      /the log's node 0\/0 differs/,
    ],
    [
      "a checkpoint's root",
      "update checkpoint set root = (select root from checkpoint where size = 1) where size = 2",
      /checkpoint 2: another root than its epochs/,
    ],
    [
      "a checkpoint's note",
      "update checkpoint set note = replace(note, 'tributary', 'tributory') where size = 3",
      /checkpoint 3: not signed by/,
    ],
    ["a missing checkpoint", "delete from checkpoint where size = 2", /3 checkpoints for 4 epochs/],
  ])("finds %s that was changed", async (_, change, finding) => {
    await withDatabase(async (database) => {
      // In one connection, where what it changed can be taken back.
      const findings = await database.connection().execute(async (connection) => {
        await sql.raw("begin").execute(connection);
        await sql.raw(change).execute(connection);
        const { findings } = await audited(connection);
        await sql.raw("rollback").execute(connection);
        return findings;
      });
      expect(findings.join("\n")).toMatch(new RegExp(finding.source, "m"));
      expect((await audited(database)).findings).toEqual([]);
    });
  });

  test.each(["tile/0/000.p/4", "tile/entries/000.p/4", "checkpoint"])(
    "finds a published %s that was changed",
    async (path) => {
      const file = join(logFolderOf(dataDir), path);
      const before = readFileSync(file);
      writeFileSync(file, Buffer.from(before.map((byte, at) => (at === 40 ? byte ^ 1 : byte))));
      const { findings } = await withDatabase(audited);
      writeFileSync(file, before);
      expect(findings.join("\n")).toContain("published");
      expect(findings).toHaveLength(1);
    },
  );

  it("ends with 1 and the reason where something differs", async () => {
    await withDatabase((database) =>
      sql`update payout set paid = 18 where epoch = 1 and leaf = 1`.execute(database),
    );
    const { code, stdout } = await ledgerCli("audit", ...place());
    await withDatabase((database) =>
      sql`update payout set paid = 17 where epoch = 1 and leaf = 1`.execute(database),
    );
    expect(stdout).toContain("epoch 1: its payouts add up to 35, its record says 34\n");
    expect(code).toBe(1);
  });

  it("verifies a proof offline under the key it prints, and refuses a changed one", async () => {
    expect((await ledgerCli("key", ...place())).stdout.trim()).toBe(logKey);
    const path = join(dataDir, "proof.json");
    writeFileSync(path, proof);
    const good = await ledgerCli("verify", path, "--key", logKey);
    expect(good.stdout).toMatch(
      /^ok .*signed by tributary-\w+\n(ok .*\n){4}proved: .* earned 17 micro-units for 5000000 bytes\n$/,
    );
    expect(good.code).toBe(0);
    writeFileSync(path, proof.replace(/"sum": "17"/, '"sum": "16"'));
    const bad = await ledgerCli("verify", path, "--key", logKey);
    expect(bad.stdout).toMatch(/FAILED not true: the payout is number/);
    expect(bad.code).toBe(1);
  });

  it("T16 exports claims that OpenZeppelin's tree loads and verifies, a day after an address was set", async () => {
    await withDatabase(async (database) => {
      const [alice, carol] = ["a", "b"].map((digit) => `0x${digit.repeat(40)}`) as [string, string];
      const nowMs = 1_000;
      await setPayoutAddress(database, accountOf("alice"), alice, nowMs);
      const fromMs = await setPayoutAddress(database, accountOf("carol"), carol, nowMs);
      const options = { chainId: 137n, distributor: DISTRIBUTOR };
      expect(fromMs - nowMs).toBe(86_400_000);
      expect((await exportClaims(database, { ...options, nowMs: fromMs - 1 })).claims).toBe(0);
      const { dump, root, total } = await exportClaims(database, { ...options, nowMs: fromMs });
      // Rewards of the first three epochs are out of escrow.
      expect(total).toBe(3n * 34n);
      const tree = StandardMerkleTree.load(JSON.parse(JSON.stringify(dump)) as typeof dump);
      tree.validate();
      expect(dump.leafEncoding).toEqual(["uint256", "address", "address", "uint256"]);
      for (const [at, leaf] of tree.entries()) {
        expect(leaf).toEqual(["137", DISTRIBUTOR, leaf[2], "51"]);
        expect(StandardMerkleTree.verify(root, dump.leafEncoding, leaf, tree.getProof(at))).toBe(true);
        const greedy = [...leaf.slice(0, 3), "52"];
        expect(StandardMerkleTree.verify(root, dump.leafEncoding, greedy, tree.getProof(at))).toBe(false);
      }
      expect([...tree.entries()].map(([, leaf]) => leaf[2]).sort()).toEqual([alice, carol]);
    });
  });

  it("takes a deposit once, and exports what each address may claim", async () => {
    const deposit = ["deposit", ...place(), "--publisher", "acme", "--micro", "500"];
    for (const id of ["june", "june"])
      expect((await ledgerCli(...deposit, "--id", id)).stdout).toBe(
        "acme is credited with 500 micro-units\n",
      );
    const balances = await withDatabase(readBalances);
    const acme = balances.find((balance) => balance.id === publisherAccount(publisherIdOf("acme")).id);
    expect(acme?.creditsPosted).toBe(500n);

    const [alice, carol, later] = ["a", "b", "e"].map((digit) => `0x${digit.repeat(40)}`);
    await withDatabase(async (database) => {
      await setPayoutAddress(database, accountOf("alice"), alice!, 1_000);
      await setPayoutAddress(database, accountOf("carol"), carol!, 1_000);
    });
    const account = Buffer.from(accountOf("carol")).toString("base64url");
    const set = await ledgerCli("payout-address", ...place(), "--account", account, "--address", later!);
    expect(set.stdout).toContain(`paid to ${later} from 2`);
    const out = join(dataDir, "claims.json");
    const chain = ["--chain-id", "137", "--distributor", DISTRIBUTOR, "--out", out];
    const exported = await ledgerCli("export", ...place(), ...chain);
    expect(exported.stdout).toMatch(/^2 claims of 102 micro-units in all, root 0x/);
    const claims = JSON.parse(readFileSync(out, "utf8")) as { values: { value: string[] }[] };
    const leaves = claims.values.map(({ value }) => value).sort((a, b) => (a[2]! < b[2]! ? -1 : 1));
    // The new address of one of them counts in a day.
    expect(leaves).toEqual([alice, carol].map((address) => ["137", DISTRIBUTOR, address, "51"]));
  });
});

it.each([
  [["audit", "--data", "/nowhere"], 1, "ledger: there is no ledger at /nowhere/tributary.sqlite\n"],
  [["verify", "missing.json"], 2, "ledger: --key: expected the log's key, it is missing\n"],
  [["dance"], 2, "ledger: dance is no command; see --help\n"],
])("ends with one line on %j", async (args, code, line) => {
  expect(await ledgerCli(...args)).toEqual({ code, stdout: "", stderr: line });
});

it.each([["--nonsense"], [""]])("refuses the command line %j", (argument) => {
  if (argument === "") expect(() => parseLedgerCli([])).toThrow("expected a command");
  else expect(() => parseLedgerCli([argument])).toThrow(/nonsense/);
});
