import { browser, unit, type Defence } from "./defence.ts";

const selfDealingTest = "tracker/src/adversary/self-dealing.test.ts";
const settlementTest = "tracker/src/ledger/settlement/settle.test.ts";
const settlerLock = "tracker/src/adapters/database/settler-lock.ts";
const settlerLockTest = "tracker/src/adapters/database/settler-lock.test.ts";
const forkTest = "tracker/src/ledger-service/fork-and-overspend.test.ts";
const publish = "tracker/src/ledger-service/publish.ts";
const segmentBooks = "tracker/src/ledger/settlement/segment-books.ts";

/** What the ledger does against those who state, ask and publish. */
export const LEDGER_DEFENCES: readonly Defence[] = [
  unit({
    threat: "T2",
    rule: "the books know every root of a segment id, not the first alone",
    file: "tracker/src/adapters/database/known-segments.ts",
    find: "rivals.push({ root",
    replace: "if (rivals.length === 0) rivals.push({ root",
    testFile: selfDealingTest,
    test: "T2 is as much where two of them gave its segment another",
  }),
  unit({
    threat: "T4",
    rule: "accumulators are computed again from trusted roots",
    file: "tracker/src/ledger/settlement/chain.ts",
    find: "if (expected !== undefined && !equalBytes(acc, expected)) chosen[at]!++;",
    replace: "if (expected !== undefined && acc.length !== expected.length) chosen[at]!++;",
    testFile: selfDealingTest,
    test: "T4 is nothing for content that no verifier saw",
  }),
  unit({
    threat: "T4",
    rule: "the further claim is paid where it goes on from the other's, and nowhere else",
    file: "tracker/src/ledger/settlement/pair.ts",
    find: "rootsOf, sha256, [lower.claim]);",
    replace: "rootsOf, sha256);",
    testFile: "tracker/src/ledger/settlement/pair.test.ts",
    test: "T4 the lower is paid where it begins otherwise",
  }),
  unit({
    threat: "T4",
    rule: "a liar's escrow is voided",
    file: "tracker/src/ledger/settlement/slashing.ts",
    find: "...rewards].filter(isConvicted)",
    replace: "...rewards].filter((reward) => isConvicted(reward) && epoch < 0)",
    testFile: "tracker/src/ledger-service/slashed.test.ts",
    test: "T4 liar: two signed claims for one receipt void its escrow",
  }),
  unit({
    threat: "T5",
    rule: "a viewer's segment is paid for once",
    file: segmentBooks,
    find: "Math.max(0, link.sizeBytes - before - (now?.bytes ?? 0))",
    replace: "Math.max(0, link.sizeBytes - before)",
    testFile: selfDealingTest,
    test: "T5 is one payment for a segment and viewer",
  }),
  unit({
    threat: "T5",
    rule: "one settler's right lasts as long as its lease",
    file: settlerLock,
    find: '.where("expires_at_ms", "<=", BigInt(Math.floor(nowMs)))',
    replace: '.where("expires_at_ms", ">=", 0n)',
    testFile: settlerLockTest,
    test: "T5 is one settler's until its lease ends, and then another's under a higher number",
  }),
  unit({
    threat: "T5",
    rule: "a settler that was replaced writes nothing",
    file: settlerLock,
    find: "if (numUpdatedRows !== 1n)",
    replace: "if (numUpdatedRows > 1n)",
    testFile: settlerLockTest,
    test: "T5 a settler that wakes up after its lease writes nothing",
  }),
  unit({
    threat: "T6",
    rule: "a title pays where twenty networks watch it",
    file: segmentBooks,
    find: "(facts?.prefixes ?? 0) < prefixesMin",
    replace: "(facts?.prefixes ?? prefixesMin) < 1",
    testFile: selfDealingTest,
    test: "T6 are paid nothing in a title that nineteen networks watch",
  }),
  unit({
    threat: "T7",
    rule: "what merely passed through is not paid",
    file: "tracker/src/ledger/settlement/displacement.ts",
    find: "return Math.max(0, served - excess - before.earnedBytes);",
    replace: "return Math.max(0, served - Math.min(0, excess) - before.earnedBytes);",
    testFile: selfDealingTest,
    test: "T7 launderer: who fetched from the CDN what it passed on is paid nothing",
  }),
  unit({
    threat: "T7",
    rule: "no more is paid than was watched beyond the reported egress",
    file: "tracker/src/ledger/settlement/limits.ts",
    find: "- (facts.egressBytes ?? 0);",
    replace: "- Math.min(0, facts.egressBytes ?? 0);",
    testFile: "tracker/src/adversary/launderer.test.ts",
    test: "T7 launderer that states no CDN bytes",
  }),
  unit({
    threat: "T8",
    rule: "no publisher pays more than it set aside",
    file: "tracker/src/ledger/settlement/limits.ts",
    find: "bytesFor(budgets.get(publisher) ?? 0n, facts.parameters.pricePerGb)",
    replace: "bytesFor((budgets.get(publisher) ?? 0n) + 10n ** 12n, facts.parameters.pricePerGb)",
    testFile: settlementTest,
    test: "T8 the publisher's budget, shared in proportion",
  }),
  unit({
    threat: "T8",
    rule: "what is set aside is covered, whoever else asks at the same time",
    file: "tracker/src/adapters/database/postings.ts",
    find: "debits_pending >= ${spends})",
    replace: "debits_pending >= ${spends} or true)",
    testFile: forkTest,
    test: "T8 64 that ask for a balance for one get it once",
  }),
  {
    threat: "T15",
    rule: "a log goes on from what was published, and from nothing else",
    patches: [
      { file: publish, find: "if (size > stored)", replace: "if (size > stored && size < 0)" },
      {
        file: publish,
        find: "if (!Buffer.from(await rootAt(database, size)).equals(root))",
        replace: "if (size < 0 && !Buffer.from(await rootAt(database, size)).equals(root))",
      },
    ],
    runner: "vitest",
    testFile: forkTest,
    test: "T15 an old backup of the database is refused",
  },
  unit({
    threat: "T15",
    rule: "a checkpoint comes when all that it speaks of is there",
    file: publish,
    find: "for (const tile of tilesOfTree(size, oldSize)) {",
    replace:
      "if (oldSize < size) files.writeCheckpoint(note);\n  for (const tile of tilesOfTree(size, oldSize)) {",
    testFile: forkTest,
    test: "T15 a crash before any step of commit, tile and checkpoint leaves one log",
  }),
  unit({
    threat: "T16",
    rule: "a new payout address counts after a day",
    file: "tracker/src/adapters/database/payout-addresses.ts",
    find: "const CHANGE_DELAY_MS = 24 * 60 * 60 * 1000;",
    replace: "const CHANGE_DELAY_MS = 0;",
    testFile: "tracker/src/ledger-cli/ledger-cli.test.ts",
    test: "T16 exports claims that OpenZeppelin's tree loads and verifies, a day after",
  }),
  browser({
    threat: "T16",
    rule: "a new payout address counts after a day",
    file: "tracker/src/adapters/database/payout-addresses.ts",
    find: "const CHANGE_DELAY_MS = 24 * 60 * 60 * 1000;",
    replace: "const CHANGE_DELAY_MS = 0;",
    testFile: "e2e/tests/key-theft.test.ts",
    test: "T16 payout address: whoever has it changed",
  }),
];
