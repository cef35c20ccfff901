import { encodeHex } from "@tributary/protocol";
import { playAccounts } from "./accounts-world.ts";
import { type AccountsRun, settleAccounts } from "./settle-accounts.ts";

/** What befell viewers who did nothing wrong. */
export interface HonestTally {
  sessions: number;
  crashed: number;
  /** Downloaders that papers convict of two claims for one receipt: they lose what is in escrow. */
  slashed: number;
  /** Sessions of a pair whose accounts contradict each other: paid by the lower, and introduced to each other last. */
  apart: number;
  /** Receipts, and statements, that were refused for what is in them. */
  receiptsRefused: number;
  statementsRefused: number;
  /** A neighbour that owed receipts for more than the window was not served until it had given some. */
  chokes: number;
}

export const noHonestTally = (): HonestTally => ({
  sessions: 0,
  crashed: 0,
  slashed: 0,
  apart: 0,
  receiptsRefused: 0,
  statementsRefused: 0,
  chokes: 0,
});

export function countPunished(tally: HonestTally, run: AccountsRun): void {
  const slashed = new Set<string>();
  const apart = new Set<string>();
  for (const { verdict, grant } of settleAccounts(run)) {
    if (verdict === "lie") slashed.add(encodeHex(grant.downloaderKey));
    if (verdict === "apart")
      for (const key of [grant.uploaderKey, grant.downloaderKey]) apart.add(encodeHex(key));
  }
  tally.slashed += slashed.size;
  tally.apart += apart.size;
  for (const { fate, counters } of run.viewers) {
    tally.sessions += 1;
    if (fate === "crashed") tally.crashed += 1;
    tally.receiptsRefused += counters.receiptsRefused;
    tally.statementsRefused += counters.statementsRefused;
    tally.chokes += counters.chokes;
  }
}

/** Four viewers for two and a half minutes: a fiftieth of what is sent is lost, links and trackers die, clocks differ by up to 20 minutes. */
export const playHonest = (seed: number): AccountsRun => playAccounts({ seed, viewers: 4, seconds: 150 });

/** The same, had every downloader stated other bytes than it gave receipts for. */
export const withLies = (run: AccountsRun): AccountsRun => ({
  ...run,
  durable: run.durable.map((record) => ({
    ...record,
    statement: {
      ...record.statement,
      entries: record.statement.entries.map((entry) =>
        entry.role === "downloader" ? { ...entry, bytes: entry.bytes + 1 } : entry,
      ),
    },
  })),
});
