import { afterAll, expect, it, vi } from "vitest";
import { type Database, openDatabase } from "../adapters/database/open-database.ts";
import { sqliteFiles } from "../adapters/database/testing/databases.ts";
import { proofOf, readEarnings, readSpending } from "./statements-of-account.ts";

const databases = sqliteFiles();
afterAll(() => databases.close());

/** How SQLite finds the rows of all that `read` asks for. */
async function plansOf(read: (database: Database) => Promise<unknown>): Promise<string[]> {
  const database = await openDatabase(await databases.create());
  const asked = vi.spyOn(database.getExecutor(), "executeQuery");
  await read(database);
  const queries = asked.mock.calls.map(([query]) => query);
  const plans: string[] = [];
  for (const query of queries) {
    const explained = { ...query, sql: `explain query plan ${query.sql}` };
    const { rows } = await database.executeQuery<{ detail: string }>(explained);
    plans.push(...rows.map(({ detail }) => detail));
  }
  await database.destroy();
  return plans;
}

it.each([
  ["earnings", (database: Database) => readEarnings(database, new Uint8Array(32))],
  ["spending", (database: Database) => readSpending(database, new Uint8Array(16))],
])("an account's %s are found without a look at everybody's transfers", async (_, read) => {
  const plans = await plansOf(read);
  expect(plans.join("\n")).toMatch(/SEARCH \w+ USING .*transfer_by_/);
  expect(plans.filter((detail) => detail.startsWith("SCAN"))).toEqual([]);
});

it("a stranger who asks for a proof does not make the ledger read everybody's payouts", async () => {
  const database = await openDatabase(await databases.create());
  const payouts = Array.from({ length: 50 }, (_, leaf) => ({
    epoch: 1n,
    leaf: BigInt(leaf),
    account: Buffer.alloc(32, leaf + 1),
    publisher: Buffer.alloc(16),
    paid: 1n,
    record: Buffer.from([leaf]),
    salt: Buffer.alloc(32),
  }));
  await database.insertInto("payout").values(payouts).execute();
  const asked = vi.spyOn(database.getExecutor(), "executeQuery");
  expect(await proofOf(database, new Uint8Array(32), new Uint8Array(16), 1)).toBeNull();
  const answers = await Promise.all(
    asked.mock.results.map(({ value }) => value as Promise<{ rows: unknown[] }>),
  );
  expect(answers.map(({ rows }) => rows.length)).toEqual([0]);
  await database.destroy();
});
