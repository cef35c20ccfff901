import { afterAll, expect, it, vi } from "vitest";
import { type Database, openDatabase } from "../adapters/database/open-database.ts";
import { sqliteFiles } from "../adapters/database/testing/databases.ts";
import { readEarnings, readSpending } from "./statements-of-account.ts";

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
