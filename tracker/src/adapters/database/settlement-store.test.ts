import type { KyselyPlugin } from "kysely";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { statementMessage } from "@tributary/protocol";
import { epochRecord, payoutRecord } from "@tributary/protocol/log";
import { brokenInvariants } from "../../ledger/invariants.ts";
import { grantOf, linksOf, sequence } from "../../ledger/testing/scene.ts";
import { formatCheckpoint } from "@tributary/protocol/log";
import { latestCheckpoint } from "./log-store.ts";
import { type Database, openDatabase } from "./open-database.ts";
import { readBalances } from "./postings.ts";
import { MalformedBatch, recordBatch } from "./settlement-inputs.ts";
import { settleEpoch } from "./settlement-store.ts";
import { FencedOff, takeSettlerLock } from "./settler-lock.ts";
import { everyDatabase } from "./testing/databases.ts";
import { batchOf, fund, PUBLISHER, recordEpoch, statementOf, settlingOf } from "./testing/epoch-scene.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

/** The note itself does not matter here, only that it is made of the root. */
const sign = (size: number, root: Uint8Array) => formatCheckpoint({ origin: "log.example", size, root });

describe.each(databases)("settlement on $kind", ({ create }) => {
  let opened: Database[] = [];
  afterEach(async () => {
    for (const database of opened) {
      expect(brokenInvariants(await readBalances(database))).toEqual([]);
      await database.destroy();
    }
    opened = [];
  });
  async function ledger(...epochs: number[]): Promise<{ database: Database; fence: bigint }> {
    const database = await openDatabase(await create());
    opened.push(database);
    await fund(database, [...epochs, 1, 2, 3]);
    for (const epoch of epochs) await recordEpoch(database, epoch);
    return { database, fence: (await takeSettlerLock(database, "test", 0, 1_000))! };
  }
  const epochOf = async (database: Database, n: number) => {
    const row = await database
      .selectFrom("epoch")
      .selectAll()
      .where("n", "=", BigInt(n))
      .executeTakeFirstOrThrow();
    const record = epochRecord.decode(row.record);
    if (!record.ok) throw new Error(record.reason);
    return record.value;
  };
  const balanceOf = async (database: Database, kind: string) => {
    const balances = (await readBalances(database)).filter((balance) => balance.kind === kind);
    const sum = (pick: (balance: (typeof balances)[number]) => bigint) =>
      balances.reduce((total, balance) => total + pick(balance), 0n);
    return {
      posted: sum((b) => b.creditsPosted - b.debitsPosted),
      pending: sum((b) => b.creditsPending - b.debitsPending),
    };
  };

  it("pays what both sides stated, once, and writes the epoch into the log", async () => {
    const { database, fence } = await ledger(1);
    const settlement = await settleEpoch(database, settlingOf(1), fence, sign);
    expect([settlement?.paid, settlement?.collected]).toEqual([34n, 50n]);
    expect(await balanceOf(database, "peer")).toEqual({ posted: 0n, pending: 34n });
    expect(await balanceOf(database, "publisher")).toEqual({ posted: 9_950n, pending: -1_000n });
    expect(await epochOf(database, 1)).toMatchObject({
      paid: 34n,
      collected: 50n,
      payoutsCount: 2,
      egressCount: 1,
    });
    expect(await settleEpoch(database, settlingOf(1), fence, sign)).toBeNull();
    expect((await latestCheckpoint(database))?.size).toBe(1);
    expect(await database.selectFrom("statement").selectAll().execute()).toEqual([]);
  });

  it("T7 withholds what the publisher's CDN gave out, by the publisher's own word alone", async () => {
    const { swarms } = batchOf(1);
    const [{ swarm, watchMs, bitrateBps }] = swarms as [NonNullable<typeof swarms>[number]];
    const watchedBytes = (watchMs * bitrateBps) / 8_000;
    const report = async (publisher: Uint8Array) => {
      const { database, fence } = await ledger(1);
      await recordBatch(database, { egress: [{ publisher, swarm, epoch: 1, bytes: watchedBytes - 3_000 }] });
      return settleEpoch(database, settlingOf(1), fence, sign);
    };
    expect((await report(PUBLISHER))?.bytes).toBe(3_000n);
    expect((await report(new Uint8Array(16).fill(9)))?.bytes).toBe(10_000_000n);
  });

  it("does not pay twice for what is stated again in a later epoch", async () => {
    const { database, fence } = await ledger(1);
    await settleEpoch(database, settlingOf(1), fence, sign);
    expect(await recordBatch(database, batchOf(1))).toEqual([true, true, true, true]);
    // The same segments under a new grant of the next epoch.
    const again = grantOf("again", { epoch: 2, publisher: PUBLISHER });
    const links = linksOf(sequence(10, 15));
    const { swarms, sessions } = batchOf(2);
    await recordBatch(database, {
      grants: [again],
      statements: [statementOf(again, "uploader", links), statementOf(again, "downloader", links)],
      swarms: swarms!,
      sessions: sessions!,
    });
    const settlement = await settleEpoch(database, settlingOf(2), fence, sign);
    expect(settlement?.bytes).toBe(0n);
    expect(settlement?.withheld.overlapBytes).toBe(5_000_000);
  });

  it("refuses statements of an epoch whose settlement is over, and says so", async () => {
    const { database, fence } = await ledger(1, 2);
    await settleEpoch(database, settlingOf(1), fence, sign);
    await settleEpoch(database, settlingOf(2), fence, sign);
    const late = grantOf("late", { epoch: 1 });
    const statements = [1, 2, 3].map((epoch) =>
      statementOf({ ...late, epoch }, "downloader", [], { receiptSeq: 1 }),
    );
    expect(await recordBatch(database, { statements })).toEqual([false, true, true]);
  });

  it("waits one epoch for the other side, and keeps the publisher's money for it", async () => {
    const { database, fence } = await ledger();
    const { grants, statements, ...rest } = batchOf(1);
    await recordBatch(database, { ...rest, grants: grants!, statements: [statements![0]!] });
    const first = await settleEpoch(database, settlingOf(1), fence, sign);
    expect([first?.putOff.length, first?.paid]).toEqual([1, 0n]);
    await recordEpoch(database, 2);
    const second = await settleEpoch(database, settlingOf(2), fence, sign);
    expect([second?.putOff.length, second?.payouts.map(({ grants }) => grants)]).toEqual([0, [1, 2]]);
    expect(await database.selectFrom("statement").selectAll().execute()).toEqual([]);
  });

  it("who withheld its last statement at the end of an event kept its partner unpaid: nobody watched any more", async () => {
    const { database, fence } = await ledger();
    const { statements, ...rest } = batchOf(1);
    await recordBatch(database, { ...rest, statements: [statements![0]!] });
    await settleEpoch(database, settlingOf(1), fence, sign);
    const second = await settleEpoch(database, settlingOf(2), fence, sign);
    expect([second?.bytes, second?.paid]).toEqual([5_000_000n, 17n]);
  });

  it("pays for what was put off no more than its own epoch has left", async () => {
    const { database, fence } = await ledger();
    const { statements, swarms, ...rest } = batchOf(1);
    // Seven segments' worth were watched; both sides agree on five, and of five others one side speaks.
    const watched = swarms!.map((swarm) => ({ ...swarm, watchMs: 3_500 }));
    await recordBatch(database, {
      ...rest,
      swarms: watched,
      egress: [],
      statements: statements!.slice(0, 3),
    });
    expect((await settleEpoch(database, settlingOf(1), fence, sign))?.bytes).toBe(5_000_000n);
    await recordEpoch(database, 2);
    const second = await settleEpoch(database, settlingOf(2), fence, sign);
    const ofEpoch = second?.settled.map(({ bytes }) => bytes).sort();
    expect(ofEpoch).toEqual([2_000_000n, 5_000_000n, 5_000_000n]);
  });

  it("settles alike in whatever order grants and statements came", async () => {
    const records = [];
    for (const turned of [false, true]) {
      const { database, fence } = await ledger();
      const { grants, statements, ...rest } = batchOf(1);
      const given = grants!.map((grant, at) => ({
        grant,
        statements: statements!.slice(2 * at, 2 * at + 2),
      }));
      await recordBatch(database, rest);
      for (const each of turned ? given.reverse() : given)
        await recordBatch(database, {
          grants: [each.grant],
          statements: turned ? each.statements.reverse() : each.statements,
        });
      await settleEpoch(database, settlingOf(1), fence, sign);
      records.push(await epochOf(database, 1));
    }
    expect(records[0]).toEqual(records[1]);
  });

  it("takes the word of nobody who is not a side of the grant", async () => {
    const { database, fence } = await ledger();
    const { statements, ...rest } = batchOf(1);
    const [mine, theirs] = [
      statements![0]!,
      grantOf("a 1", { epoch: 1, publisher: PUBLISHER, to: "mallory" }),
    ];
    await recordBatch(database, {
      ...rest,
      statements: [mine, statementOf(theirs, "downloader", linksOf(sequence(10, 15)))],
    });
    expect((await settleEpoch(database, settlingOf(1), fence, sign))?.putOff).toHaveLength(1);
  });

  it("keeps the papers that convict a liar", async () => {
    const { database, fence } = await ledger();
    const { statements, ...rest } = batchOf(1);
    const grant = grantOf("a 1", { epoch: 1, publisher: PUBLISHER });
    const lie = statementOf(grant, "downloader", linksOf(sequence(10, 12)), { receiptSeq: 5 });
    await recordBatch(database, { ...rest, statements: [statements![0]!, lie] });
    await settleEpoch(database, settlingOf(1), fence, sign);
    const [row] = await database.selectFrom("lie").selectAll().execute();
    expect(row?.downloader).toEqual(Buffer.from(grant.downloaderKey));
    expect(new Uint8Array(row!.statement)).toEqual(lie.sealed);
    const told = statementMessage.parse(statements![0]!.sealed);
    expect(told.ok && new Uint8Array(told.value.entries[0]!.receipt!)).toEqual(new Uint8Array(row!.receipt));
  });

  it("releases rewards when their escrow is over, once", async () => {
    const { database, fence } = await ledger(1);
    await settleEpoch(database, settlingOf(1), fence, sign);
    for (const epoch of [2, 3, 4, 5]) {
      await settleEpoch(database, settlingOf(epoch), fence, sign);
      const posted = epoch < 3 ? 0n : 34n;
      expect(await balanceOf(database, "peer")).toEqual({ posted, pending: 34n - posted });
    }
  });

  it("fences off a settler that was replaced", async () => {
    const { database, fence } = await ledger(1);
    await takeSettlerLock(database, "another", 5_000, 1_000);
    await expect(settleEpoch(database, settlingOf(1), fence, sign)).rejects.toThrow(FencedOff);
    expect(await latestCheckpoint(database)).toBeNull();
  });

  it("is the same whenever it crashed on its way, and leaves nothing behind", async () => {
    const twin = await ledger(1);
    await settleEpoch(twin.database, settlingOf(1), twin.fence, sign);
    const { database, fence } = await ledger(1);
    const before = await readBalances(database);
    let crashes = 0;
    for (; ; crashes++) {
      const crashing = database.withPlugin(crashAtQuery(crashes));
      const ended = await settleEpoch(crashing, settlingOf(1), fence, sign).then(
        () => "settled",
        (error: Error) => error.message,
      );
      if (ended === "settled") break;
      expect(ended).toBe("crash");
      expect(await readBalances(database)).toEqual(before);
      expect(await latestCheckpoint(database)).toBeNull();
    }
    expect(crashes).toBeGreaterThan(20);
    expect(await latestCheckpoint(database)).toEqual(await latestCheckpoint(twin.database));
    expect(await readBalances(database)).toEqual(await readBalances(twin.database));
  });

  it("keeps nothing of a malformed batch", async () => {
    const { database } = await ledger();
    const batch = batchOf(1);
    await expect(
      recordBatch(database, { ...batch, statements: [{ sealed: new Uint8Array(3), account: null }] }),
    ).rejects.toThrow(MalformedBatch);
    expect(await database.selectFrom("granted").selectAll().execute()).toEqual([]);
  });

  it("can be read back, record by record", async () => {
    const { database, fence } = await ledger(1);
    const settlement = await settleEpoch(database, settlingOf(1), fence, sign);
    const rows = await database.selectFrom("payout").selectAll().orderBy("leaf").execute();
    expect(rows.map(({ record }) => payoutRecord.decode(record))).toEqual(
      settlement?.payouts.map((value) => ({ ok: true, value })),
    );
  });
});

function crashAtQuery(number: number): KyselyPlugin {
  let count = 0;
  return {
    transformQuery({ node }) {
      if (count++ === number) throw new Error("crash");
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}
