import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkPayoutProof,
  formatNoteKey,
  parseNoteKey,
  parsePayoutProof,
  runHashing,
} from "@tributary/protocol/log";
import { verifyEd25519 } from "../adapters/crypto/ed25519.ts";
import { loadTrackerKey } from "../adapters/crypto/tracker-key.ts";
import { deposit } from "../adapters/database/leases.ts";
import {
  type Database,
  databaseKindOf,
  openDatabase,
  sqliteFileOf,
} from "../adapters/database/open-database.ts";
import { setPayoutAddress } from "../adapters/database/payout-addresses.ts";
import { lastSettledEpoch } from "../adapters/database/last-settled.ts";
import { sha256 } from "../adapters/database/sha256.ts";
import { audit } from "../ledger-service/audit.ts";
import { exportClaims } from "../ledger-service/claims.ts";
import { logFolderOf } from "../ledger-service/log-folder.ts";
import { logSigner } from "../ledger-service/log-key.ts";
import { publisherIdOf } from "../publishers/publisher-input.ts";
import { type LedgerCommand, parseLedgerCli, USAGE, WrongUsage } from "./cli-options.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  try {
    const command = parseLedgerCli(process.argv.slice(2));
    if (command === null) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await run(command);
  } catch (error) {
    process.stderr.write(`ledger: ${(error as Error).message.split("\n")[0]}\n`);
    return error instanceof WrongUsage ? 2 : 1;
  }
}

async function run(command: LedgerCommand): Promise<number> {
  switch (command.command) {
    case "audit":
      return withDatabase(command, (database) => runAudit(command, database));
    case "verify":
      return runVerify(command);
    case "key":
      print(formatNoteKey(signerOf(command).key));
      return 0;
    case "deposit":
      return withDatabase(command, (database) => runDeposit(command, database));
    case "payout-address":
      return withDatabase(command, (database) => runPayoutAddress(command, database));
    case "export":
      return withDatabase(command, (database) => runExport(command, database));
    default:
      throw new WrongUsage(`${command.command} is no command; see --help`);
  }
}

async function withDatabase(
  command: LedgerCommand,
  use: (database: Database) => Promise<number>,
): Promise<number> {
  const location = command.database ?? sqliteFileOf(command.dataDir);
  // Opening would make an empty one, and nothing is wrong with an empty ledger.
  if (databaseKindOf(location) === "sqlite" && !existsSync(location))
    throw new Error(`there is no ledger at ${location}`);
  const database = await openDatabase(location);
  try {
    return await use(database);
  } finally {
    await database.destroy();
  }
}

function signerOf({ dataDir, logName }: LedgerCommand) {
  if (!existsSync(join(dataDir, "tracker-key.pem")))
    throw new Error(`there is no tracker's key in ${dataDir}`);
  return logSigner(loadTrackerKey(dataDir), logName);
}

async function runAudit(command: LedgerCommand, database: Database): Promise<number> {
  const { epochs, transfers, payouts, findings } = await audit(
    database,
    logFolderOf(command.dataDir),
    signerOf(command),
  );
  for (const finding of findings) print(finding);
  print(
    `${epochs} epochs, ${payouts} payouts and ${transfers} transfers: ${findings.length === 0 ? "all holds" : `${findings.length} findings`}`,
  );
  return findings.length === 0 ? 0 : 1;
}

async function runVerify({ args, flag }: LedgerCommand): Promise<number> {
  const [path] = args;
  if (path === undefined) throw new WrongUsage("verify: expected the path of a proof");
  const key = runHashing(parseNoteKey(flag("key", /./, "the log's key")), sha256);
  if (!key.ok) throw new WrongUsage(`--key: ${key.reason}`);
  const proof = parsePayoutProof(readFileSync(path, "utf8"));
  if (!proof.ok) throw new Error(`${path}: ${proof.reason}`);
  const verdict = await checkPayoutProof(proof.value, key.value, verifyEd25519, (hashing) =>
    runHashing(hashing, sha256),
  );
  for (const { ok, text } of verdict.steps) print(`${ok ? "ok    " : "FAILED"} ${text}`);
  if (verdict.proved === null) return 1;
  const { account, bytes, paid } = verdict.proved.payout;
  print(
    `proved: ${Buffer.from(account).toString("base64url")} earned ${paid} micro-units for ${bytes} bytes`,
  );
  return 0;
}

async function runDeposit({ flag }: LedgerCommand, database: Database): Promise<number> {
  const name = flag("publisher", /^[a-z0-9][a-z0-9.-]{0,62}$/, "a publisher's name");
  const amount = BigInt(flag("micro", /^[1-9]\d{0,17}$/, "micro-units from 1 on"));
  const id = flag("id", /^[\w.:-]{1,100}$/, "letters, digits, dots and dashes");
  const epoch = Number((await lastSettledEpoch(database)) ?? -1n) + 1;
  await deposit(database, { id: `deposit/${id}`, publisher: publisherIdOf(name), amount, epoch });
  print(`${name} is credited with ${amount} micro-units`);
  return 0;
}

async function runPayoutAddress({ flag }: LedgerCommand, database: Database): Promise<number> {
  const account = Buffer.from(flag("account", /^[\w-]{43}$/, "an account's key in base64url"), "base64url");
  const address = flag("address", /^0x[0-9a-fA-F]{40}$/, "0x and 40 hexadecimal digits");
  const fromMs = await setPayoutAddress(database, account, address, Date.now());
  print(`paid to ${address} from ${new Date(fromMs).toISOString()} on`);
  return 0;
}

async function runExport({ flag }: LedgerCommand, database: Database): Promise<number> {
  const chainId = BigInt(flag("chain-id", /^[1-9]\d{0,17}$/, "a number"));
  const distributor = flag("distributor", /^0x[0-9a-fA-F]{40}$/, "0x and 40 hexadecimal digits");
  const out = flag("out", /./, "a file");
  const { dump, claims, root, total } = await exportClaims(database, {
    chainId,
    distributor,
    nowMs: Date.now(),
  });
  if (claims === 0) throw new Error("no account with a payout address has anything to claim");
  writeFileSync(out, `${JSON.stringify(dump, null, 2)}\n`);
  print(`${claims} claims of ${total} micro-units in all, root ${root}, in ${out}`);
  return 0;
}

process.exitCode = await main();
