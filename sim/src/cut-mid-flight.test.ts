import { expect, it } from "vitest";
import type { Verdict } from "../../tracker/src/ledger/settlement/pair.ts";
import { SEGMENT_BYTES } from "./testing/accounts-world.ts";
import { countPunished, noHonestTally, playHonest, withLies } from "./testing/honest-viewers.ts";
import { booksOfPairs } from "./testing/pair-accounts.ts";
import { settleAccounts } from "./testing/settle-accounts.ts";

/** SEED replays one run. */
const only = process.env["SEED"];
const SEEDS =
  only === undefined
    ? Array.from({ length: Number(process.env["SEEDS"] ?? 1_000) }, (_, index) => index + 1)
    : [Number(only)];
/** In so many seeds also what would be had every downloader lied: that a lie is seen at all. */
const LIED_IN = 20;
/** What an uploader gives on credit. */
const WINDOW_BYTES = 2 * SEGMENT_BYTES;

function countIn<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

it(`${SEEDS.length} seeds: receipts lost, statements offset, epochs rolled, crashes; nobody is branded, and no pair loses more than a window of which one side's last statement arrived`, () => {
  const total = {
    servedBytes: 0,
    paidBytes: 0,
    pairs: 0,
    receipts: 0,
    receiptsRefused: 0,
    statements: 0,
  };
  const honest = noHonestTally();
  const liars = noHonestTally();
  const verdictsSeen = new Map<Verdict, number>();
  const refused = new Map<string, number>();
  /** Pairs that neither side could say all of, by the reasons; and those of them that lost more than a window. */
  const silent = new Map<string, number>();
  const beyondWindow = new Map<string, number>();
  for (const seed of SEEDS) {
    const run = playHonest(seed);
    countPunished(honest, run);
    if (SEEDS.indexOf(seed) < LIED_IN) countPunished(liars, withLies(run));
    for (const { verdict } of settleAccounts(run)) countIn(verdictsSeen, verdict);
    for (const refusal of run.refusals) countIn(refused, refusal.split(":")[0]!);
    for (const { counters } of run.viewers) {
      total.receiptsRefused += counters.receiptsRefused;
      total.receipts += counters.receiptsTaken;
    }
    total.statements += run.durable.length;
    for (const { name, served, granted, receipted, stated, paid, silence } of booksOfPairs(run)) {
      const where = `seed ${seed}, ${name}`;
      expect(paid, `${where}: paid beyond what was served`).toBeLessThanOrEqual(served);
      expect(paid, `${where}: not paid what one side stated`).toBe(stated);
      expect(granted - receipted, `${where}: served without receipts`).toBeLessThanOrEqual(WINDOW_BYTES);
      const lost = granted - paid;
      if (silence === null)
        expect(lost, `${where}: stated by one side, and lost`).toBeLessThanOrEqual(WINDOW_BYTES);
      else {
        expect(silence, where).not.toContain("unexplained");
        const reasons = [...silence].sort().join(", ");
        countIn(silent, reasons);
        if (lost > WINDOW_BYTES) countIn(beyondWindow, reasons);
      }
      total.servedBytes += granted;
      total.paidBytes += paid;
      total.pairs += 1;
    }
  }
  console.info(
    JSON.stringify({
      ...total,
      silent: Object.fromEntries(silent),
      beyondWindow: Object.fromEntries(beyondWindow),
      honest,
      verdicts: Object.fromEntries(verdictsSeen),
      refused: Object.fromEntries(refused),
    }),
  );
  expect(total.receipts).toBeGreaterThan(SEEDS.length);
  expect([honest.slashed, honest.apart]).toEqual([0, 0]);
  expect(liars.slashed).toBeGreaterThan(liars.sessions / 4);
  // A tracker that dies between telling the two sides leaves one with a grant that the other has never seen.
  expect(total.receiptsRefused).toBeLessThan(1 + total.receipts / 1_000);
  expect(total.statements).toBeGreaterThan(SEEDS.length);
}, 600_000);
