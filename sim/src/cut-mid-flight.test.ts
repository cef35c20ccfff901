import { expect, it } from "vitest";
import { encodeHex } from "@tributary/protocol";
import type { Verdict } from "../../tracker/src/ledger/settlement/pair.ts";
import { SEGMENT_BYTES, sha256 } from "./testing/accounts-world.ts";
import { countPunished, noHonestTally, playHonest, withLies } from "./testing/honest-viewers.ts";
import { type AccountsRun, settleAccounts, WINDOW_SEGMENTS } from "./testing/settle-accounts.ts";

/** SEED replays one run. */
const only = process.env["SEED"];
const SEEDS =
  only === undefined
    ? Array.from({ length: Number(process.env["SEEDS"] ?? 1_000) }, (_, index) => index + 1)
    : [Number(only)];
/** In so many seeds also what would be had every downloader lied: that a lie is seen at all. */
const LIED_IN = 20;
/** The receipts of the last 15 s may not be in the statement that a closing page sends, which may be 15 s old. */
const CLOSED_MS = 31_000;
/** Who crashes leaves what it stated last: a minute before, or more where the tracker was away. */
const CRASHED_MS = 60_000 + 2 * CLOSED_MS;

/** What was paid for each pair, and the verdicts on its grants. */
function settle(run: AccountsRun) {
  const paid = new Map<string, number>();
  const verdicts: Verdict[] = [];
  for (const { verdict, links, bytesMax, grant } of settleAccounts(run)) {
    verdicts.push(verdict);
    const peerOf = (key: Uint8Array) => encodeHex(sha256(key).subarray(0, 16));
    const pair = `${peerOf(grant.uploaderKey)} ${peerOf(grant.downloaderKey)}`;
    const bytes = links.reduce((sum, link) => sum + link.bytes, 0);
    paid.set(pair, (paid.get(pair) ?? 0) + Math.min(bytesMax, bytes));
  }
  return { paid, verdicts };
}

it(`${SEEDS.length} seeds: receipts lost, statements offset, epochs rolled, crashes; nobody is branded, fewer than one pair in 200 loses more than a window`, () => {
  const total = {
    servedBytes: 0,
    paidBytes: 0,
    pairs: 0,
    receipts: 0,
    receiptsRefused: 0,
    statements: 0,
    beyondWindow: 0,
  };
  const honest = noHonestTally();
  const liars = noHonestTally();
  const verdictsSeen = new Map<Verdict, number>();
  const refused = new Map<string, number>();
  for (const seed of SEEDS) {
    const run = playHonest(seed);
    countPunished(honest, run);
    if (SEEDS.indexOf(seed) < LIED_IN) countPunished(liars, withLies(run));
    const { paid, verdicts } = settle(run);
    for (const verdict of verdicts) verdictsSeen.set(verdict, (verdictsSeen.get(verdict) ?? 0) + 1);
    expect(verdicts, `seed ${seed}`).not.toContain("lie");
    for (const refusal of run.refusals) {
      const code = refusal.split(":")[0]!;
      refused.set(code, (refused.get(code) ?? 0) + 1);
    }
    for (const { counters } of run.viewers) {
      total.receiptsRefused += counters.receiptsRefused;
      total.receipts += counters.receiptsTaken;
    }
    total.statements += run.durable.length;
    for (const [pair, pieces] of run.served) {
      const [up, down] = pair.split(" ").map((peer) => run.viewers.find((viewer) => viewer.peer === peer)!);
      const endMs = Math.min(up!.endedAtMs, down!.endedAtMs);
      const crashed = up!.fate === "crashed" || down!.fate === "crashed";
      const servedBytes = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
      const grantedBytes = pieces.reduce((sum, { bytes, granted }) => sum + (granted ? bytes : 0), 0);
      const lateMs = crashed ? CRASHED_MS : CLOSED_MS;
      const lateBytes = pieces.reduce(
        (sum, { atMs, bytes }) => sum + (atMs >= endMs - lateMs ? bytes : 0),
        0,
      );
      const paidBytes = paid.get(pair) ?? 0;
      expect(paidBytes, `seed ${seed}, ${pair}: paid beyond what was served`).toBeLessThanOrEqual(
        servedBytes,
      );
      const window = WINDOW_SEGMENTS * SEGMENT_BYTES;
      if (grantedBytes - paidBytes > lateBytes + window) total.beyondWindow += 1;
      total.servedBytes += grantedBytes;
      total.paidBytes += paidBytes;
      total.pairs += 1;
    }
  }
  console.info(
    JSON.stringify({
      ...total,
      honest,
      verdicts: Object.fromEntries(verdictsSeen),
      refused: Object.fromEntries(refused),
    }),
  );
  expect(total.receipts).toBeGreaterThan(SEEDS.length);
  // Pages that close while their tracker restarts speak their last words to nobody.
  expect(total.beyondWindow).toBeLessThan(1 + total.pairs / 200);
  expect(honest.slashed).toBe(0);
  expect(liars.slashed).toBeGreaterThan(liars.sessions / 4);
  // A tracker that dies between telling the two sides leaves one with a grant that the other has never seen.
  expect(total.receiptsRefused).toBeLessThan(1 + total.receipts / 1_000);
  expect(total.statements).toBeGreaterThan(SEEDS.length);
}, 600_000);
