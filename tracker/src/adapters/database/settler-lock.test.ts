import { sql } from "kysely";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formatCheckpoint } from "@tributary/protocol/log";
import { lastSettledEpoch } from "./last-settled.ts";
import { latestCheckpoint } from "./log-store.ts";
import { type Database, openDatabase } from "./open-database.ts";
import { readBalances } from "./postings.ts";
import { settleEpoch } from "./settlement-store.ts";
import { checkFence, FencedOff, releaseSettlerLock, takeSettlerLock } from "./settler-lock.ts";
import { everyDatabase } from "./testing/databases.ts";
import { fund, recordEpoch, settlingOf } from "./testing/epoch-scene.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

const LEASE_MS = 1_000;
const sign = (size: number, root: Uint8Array) => formatCheckpoint({ origin: "log.example", size, root });

describe.each(databases)("the right to settle on $kind", ({ create }) => {
  let database: Database;
  beforeEach(async () => {
    database = await openDatabase(await create());
  });
  afterEach(() => database.destroy());
  const take = (holder: string, nowMs: number) => takeSettlerLock(database, holder, nowMs, LEASE_MS);

  it("T5 is one settler's until its lease ends, and then another's under a higher number", async () => {
    const first = (await take("first", 0))!;
    expect(await take("second", 0)).toBeNull();
    expect(await take("second", LEASE_MS - 1)).toBeNull();
    expect(await take("second", LEASE_MS)).toBe(first + 1n);
    expect(await take("first", LEASE_MS)).toBeNull();
  });

  it("is prolonged by its holder under the same number, and the other waits for the new end", async () => {
    const fence = await take("first", 0);
    expect(await take("first", 600)).toBe(fence);
    expect(await take("second", LEASE_MS)).toBeNull();
    expect(await take("second", 600 + LEASE_MS)).not.toBeNull();
  });

  it("is one's alone among eight that ask at once", async () => {
    const given = await Promise.all(Array.from({ length: 8 }, (_, at) => take(`settler ${at}`, 0)));
    expect(given.filter((fence) => fence !== null)).toHaveLength(1);
  });

  it("given back, is another's at once, and its number is worth nothing any more", async () => {
    await fund(database, [1]);
    await recordEpoch(database, 1);
    const first = (await take("first", 0))!;
    await releaseSettlerLock(database, "first");
    await expect(settleEpoch(database, settlingOf(1), first, sign)).rejects.toThrow(FencedOff);
    expect(await take("second", 0)).toBeGreaterThan(first);
  });

  it("is not given back by a slow settler whom another replaced", async () => {
    await take("slow", 0);
    await take("second", LEASE_MS);
    await releaseSettlerLock(database, "slow");
    expect(await take("third", LEASE_MS)).toBeNull();
  });

  it("T5 a settler that wakes up after its lease writes nothing, whatever the other has done meanwhile", async () => {
    await fund(database, [1, 2]);
    for (const epoch of [1, 2]) await recordEpoch(database, epoch);
    const slow = (await take("slow", 0))!;
    const second = (await take("second", LEASE_MS))!;
    const before = await readBalances(database);
    await expect(settleEpoch(database, settlingOf(1), slow, sign)).rejects.toThrow(FencedOff);
    expect(await readBalances(database)).toEqual(before);
    expect(await latestCheckpoint(database)).toBeNull();
    expect((await settleEpoch(database, settlingOf(1), second, sign))?.paid).toBe(34n);
    for (const epoch of [1, 2])
      await expect(settleEpoch(database, settlingOf(epoch), slow, sign)).rejects.toThrow(FencedOff);
    expect(await lastSettledEpoch(database)).toBe(1n);
    expect((await settleEpoch(database, settlingOf(2), second, sign))?.paid).toBe(34n);
  });
});

// On SQLite nobody else writes while a transaction is open.
it.each(databases.flatMap(({ server, create }) => (server === null ? [] : [{ create }])))(
  "on PostgreSQL whoever replaces a settler waits for the settlement that it is writing",
  async ({ create }) => {
    const database = await openDatabase(await create());
    const fence = (await takeSettlerLock(database, "slow", 0, LEASE_MS))!;
    const taking = await database.transaction().execute(async (transaction) => {
      await checkFence(transaction, fence);
      const second = { fence: takeSettlerLock(database, "second", LEASE_MS, LEASE_MS) };
      await vi.waitFor(async () => {
        const { rows } = await sql<{ waiting: bigint }>`
          select count(*) as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(database);
        expect(rows).toEqual([{ waiting: 1n }]);
      });
      return second;
    });
    expect(await taking.fence).toBe(fence + 1n);
    await database.destroy();
  },
);
