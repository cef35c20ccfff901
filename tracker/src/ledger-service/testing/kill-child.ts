import { createInterface } from "node:readline";
import { batchOf, PUBLISHER } from "../../adapters/database/testing/epoch-scene.ts";
import { startLedgerThread } from "../ledger-thread.ts";
import { KILL_EPOCH_MS, type KillLoad } from "./kill-load.ts";

// A process that records and settles as fast as it can, and says what was acknowledged, until it is killed.
const { dataDir, startEpoch } = JSON.parse(process.argv[2] ?? "{}") as KillLoad;
const ledger = await startLedgerThread({
  dataDir,
  epochMs: KILL_EPOCH_MS,
  graceMs: 0,
  parameters: { prefixesMin: 1, escrowMs: 3 * KILL_EPOCH_MS },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
say("open");
// Whoever started this process and is gone takes it along.
createInterface({ input: process.stdin }).on("close", () => process.exit(0));

await ledger.deposit({ id: "deposit/1", publisher: PUBLISHER, amount: 1_000_000_000n });
for (let epoch = startEpoch; ; epoch++) {
  const lease = { id: `lease/${epoch}`, publisher: PUBLISHER, amount: 500n, epoch };
  const { statements = [], ...batch } = batchOf(epoch);
  const [leased] = await Promise.all([ledger.takeLease(lease), ledger.record(batch)]);
  if (leased) say(`leased ${epoch}`);
  await Promise.all(
    statements.map(async (statement, at) => {
      const [taken] = await ledger.record({ statements: [statement] });
      if (taken) say(`stated ${epoch} ${at}`);
    }),
  );
  // The epoch before: what is acknowledged here waits for its own.
  for (const { epoch: settled } of await ledger.settleDue(epoch * KILL_EPOCH_MS)) say(`settled ${settled}`);
}
