import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sumPath } from "@tributary/protocol/log";
import { type Database, openDatabase } from "./open-database.ts";
import { keepPayoutTree, keptNodesDiffer, provePayout, readLeaves } from "./payout-tree.ts";
import { hashed, sha256 } from "./sha256.ts";
import { everyDatabase } from "./testing/databases.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});
const ROWS_PER_STATEMENT = 1_000;

describe.each(databases)("the payouts tree on $kind", ({ create }) => {
  let database: Database;
  beforeEach(async () => {
    database = await openDatabase(await create());
  });
  afterEach(() => database.destroy());

  async function pay(epoch: bigint, count: number): Promise<void> {
    const rows = Array.from({ length: count }, (_, leaf) => ({
      epoch,
      leaf: BigInt(leaf),
      account: Buffer.from(sha256(Buffer.from(`account ${leaf}`))),
      publisher: Buffer.alloc(16),
      paid: BigInt(leaf * 7),
      record: Buffer.from(`record ${leaf}`),
      salt: Buffer.from(sha256(Buffer.from(`salt ${leaf}`))),
    }));
    for (let at = 0; at < count; at += ROWS_PER_STATEMENT)
      await database
        .insertInto("payout")
        .values(rows.slice(at, at + ROWS_PER_STATEMENT))
        .execute();
  }

  /** How many rows were read while `work` ran. */
  async function rowsRead(work: () => Promise<unknown>): Promise<number> {
    const asked = vi.spyOn(database.getExecutor(), "executeQuery");
    await work();
    const answers = await Promise.all(
      asked.mock.results.map(({ value }) => value as Promise<{ rows: unknown[] }>),
    );
    asked.mockRestore();
    return answers.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  it.each([1, 2, 127, 128, 129, 256, 257, 1_000])(
    "proves each of %i payouts as all leaves do",
    async (count) => {
      await pay(1n, count);
      const leaves = (await readLeaves(database, 1n)).map(({ node }) => node);
      const tried = [0, 1, 126, 127, 128, 255, 256, 511, 512, count - 1].filter((leaf) => leaf < count);
      for (const leaf of tried) {
        const { record, path } = await provePayout(database, 1n, leaf);
        expect(Buffer.from(record).toString()).toBe(`record ${leaf}`);
        expect(path, `leaf ${leaf}`).toEqual(hashed(sumPath(leaves, leaf)));
      }
    },
  );

  it("is hashed once: a proof out of 10,000 payouts reads 129 rows, whoever asks", async () => {
    await pay(1n, 10_000);
    await keepPayoutTree(database, 1n);
    for (const leaf of [0, 9_999, 5_000])
      expect(await rowsRead(() => provePayout(database, 1n, leaf))).toBeLessThanOrEqual(129);
  });

  it("is kept by the first who asks where an older version settled the epoch", async () => {
    await pay(1n, 300);
    await Promise.all([0, 1, 2, 299].map((leaf) => provePayout(database, 1n, leaf)));
    expect(await rowsRead(() => provePayout(database, 1n, 299))).toBe(1 + (300 % 128));
  });

  it("tells an audit when something else is kept than its leaves make", async () => {
    await pay(1n, 200);
    const leaves = await readLeaves(database, 1n);
    expect(await keptNodesDiffer(database, 1n, leaves)).toBe(false);
    await keepPayoutTree(database, 1n);
    expect(await keptNodesDiffer(database, 1n, leaves)).toBe(false);
    const { nodes } = await database.selectFrom("payout_tree").select("nodes").executeTakeFirstOrThrow();
    nodes[79]! ^= 1;
    await database.updateTable("payout_tree").set({ nodes }).execute();
    expect(await keptNodesDiffer(database, 1n, leaves)).toBe(true);
  });
});
