import { randomUUID } from "node:crypto";
import { EPOCH_GRACE_MS } from "@tributary/protocol";
import { epochRecord, formatNoteKey } from "@tributary/protocol/log";
import { loadTrackerKey } from "../adapters/crypto/tracker-key.ts";
import { deposit, takeLease } from "../adapters/database/leases.ts";
import { openDatabase, sqliteFileOf, type Database } from "../adapters/database/open-database.ts";
import { reportEgress } from "../adapters/database/egress.ts";
import { lastSettledEpoch } from "../adapters/database/last-settled.ts";
import { keepPayoutTree } from "../adapters/database/payout-tree.ts";
import { findGrants, recordBatch } from "../adapters/database/settlement-inputs.ts";
import { settleEpoch } from "../adapters/database/settlement-store.ts";
import { FencedOff, releaseSettlerLock, takeSettlerLock } from "../adapters/database/settler-lock.ts";
import { openLogFiles } from "../adapters/log-files/log-files.ts";
import {
  checkParameters,
  DEFAULT_PARAMETERS,
  epochsHeld,
  type SettlementParameters,
} from "../ledger/settlement/parameters.ts";
import type { Ledger, LedgerOptions, SettledEpoch } from "./contract.ts";
import { dueEpochs } from "./due-epochs.ts";
import { logFolderOf } from "./log-folder.ts";
import { logSigner } from "./log-key.ts";
import { publishedSize, publishLog } from "./publish.ts";
import { proofOf, readEarnings, readSpending } from "./statements-of-account.ts";

/**
 * A settler that was killed at work is replaced so much later. One that is only slow holds its row as long as its
 * transaction lasts, and is fenced off before the next.
 */
const SETTLER_LEASE_MS = 20_000;

/**
 * Opens the ledger in this thread.
 * @throws LogAhead where the published log is ahead of the database, or has another past; Error in plain words where
 * the database cannot be used
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const startMs = performance.now();
  const { dataDir, epochMs, graceMs = EPOCH_GRACE_MS } = options;
  const parameters = { ...DEFAULT_PARAMETERS, ...options.parameters };
  checkParameters(parameters);
  const key = loadTrackerKey(dataDir);
  const signer = logSigner(key, options.logName);
  const files = openLogFiles(logFolderOf(dataDir));
  const database = await openDatabase(options.database ?? sqliteFileOf(dataDir));
  const holder = randomUUID();
  try {
    await checkEpochLength(database, epochMs);
    await publishedSize(database, files, signer);
    await publishLog(database, files, signer);
  } catch (error) {
    await database.destroy();
    throw error;
  }

  async function settleOne(epoch: number, fence: bigint, postedAtMs: number): Promise<SettledEpoch | null> {
    const [opensMs, closesMs] = [epoch * epochMs, (epoch + 1) * epochMs];
    const settling = { epoch, opensMs, closesMs, postedAtMs, parameters, secret: key.ledgerSecret };
    const settlement = await settleEpoch(database, settling, fence, signer.sign);
    await publishLog(database, files, signer);
    if (settlement === null) return null;
    await keepPayoutTree(database, BigInt(epoch));
    const { bytes, paid, collected, apart, lies } = settlement;
    return { epoch, bytes, paid, collected, apart, liars: lies.map(({ downloaderKey }) => downloaderKey) };
  }

  return {
    logKey: formatNoteKey(signer.key),
    terms: { epochMs, graceMs, ...termsIn(parameters) },
    openedMs: performance.now() - startMs,
    record: (batch) => recordBatch(database, batch),
    findGrants: (ids) => findGrants(database, ids),
    reportEgress: (report) => reportEgress(database, report),
    takeLease: (request) => takeLease(database, request),
    async deposit(request) {
      // Money counts from the first epoch that is not settled yet.
      const epoch = Number((await lastSettledEpoch(database)) ?? -1n) + 1;
      await deposit(database, { ...request, epoch });
    },
    async settleDue(nowMs) {
      const lastClosed = Math.floor((nowMs - graceMs) / epochMs) - 1;
      const due = await dueEpochs(database, lastClosed, epochsHeld(parameters.escrowMs, epochMs));
      if (due.length === 0) return [];
      const settled: SettledEpoch[] = [];
      try {
        for (const epoch of due) {
          const fence = await takeSettlerLock(database, holder, nowMs, SETTLER_LEASE_MS);
          if (fence === null) break;
          const result = await settleOne(epoch, fence, nowMs);
          if (result !== null) settled.push(result);
        }
      } catch (error) {
        // Somebody else does it.
        if (!(error instanceof FencedOff)) throw error;
      }
      // Whoever is killed between two settlements then holds up nobody.
      await releaseSettlerLock(database, holder);
      return settled;
    },
    earningsOf: (account) => readEarnings(database, account),
    proofOf: (account, publisher, epoch) => proofOf(database, account, publisher, epoch),
    spendingOf: (publisher) => readSpending(database, publisher),
    async close() {
      await releaseSettlerLock(database, holder);
      await database.destroy();
    },
  };
}

/** Numbers of epochs of another length would mean other times. */
async function checkEpochLength(database: Database, epochMs: number): Promise<void> {
  const last = await database.selectFrom("epoch").select("record").orderBy("n", "desc").executeTakeFirst();
  const record = last && epochRecord.decode(last.record);
  if (!record?.ok) return;
  const lengthMs = record.value.closesMs - record.value.opensMs;
  if (lengthMs !== epochMs)
    throw new Error(
      `the ledger's epochs are ${lengthMs / 1000} s long and cannot become ${epochMs / 1000} s: ` +
        "use the old length, or another data directory",
    );
}

const termsIn = ({ escrowMs, pricePerGb, rewardPerGb }: SettlementParameters) => ({
  escrowMs,
  pricePerGb,
  rewardPerGb,
});
