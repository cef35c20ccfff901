import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Kysely, Migrator, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ESCROW, peerAccount, TREASURY } from "../../ledger/accounts.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { type Database, openDatabase } from "./open-database.ts";
import { cumulativeEarnings, setPayoutAddress, startDueAddresses } from "./payout-addresses.ts";
import { applyTransfers, ensureAccounts } from "./postings.ts";
import { postgresDialect } from "./postgres.ts";
import { sqliteDialect } from "./sqlite.ts";
import { everyDatabase } from "./testing/databases.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const ACCOUNTS = 2;

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

type Step =
  | { readonly kind: "post"; readonly account: number; readonly amount: bigint }
  | { readonly kind: "set"; readonly account: number; readonly address: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "export" };

const account = fc.nat({ max: ACCOUNTS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("post" as const), account, amount: fc.bigInt({ min: 1n, max: 100n }) }),
  fc.record({ kind: fc.constant("set" as const), account, address: fc.nat({ max: 3 }) }),
  // Clocks are also set back.
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: -2 * HOUR_MS, max: 30 * HOUR_MS }) }),
  fc.record({ kind: fc.constant("export" as const) }),
);

describe.each(databases)("payout addresses on $kind", ({ kind, create }) => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(await create());
  });
  afterAll(() => database.destroy());

  /** Accounts and addresses that no other test has. */
  async function scene() {
    const keys = Array.from({ length: ACCOUNTS }, () => new Uint8Array(randomBytes(32)));
    await ensureAccounts(database, [TREASURY, ESCROW, ...keys.map(peerAccount)]);
    const prefix = randomBytes(19).toString("hex");
    const addressOf = (n: number) => `0x${prefix}${n.toString(16).padStart(2, "0")}`;
    let transfers = 0;
    return {
      addressOf,
      set: (of: number, address: number, nowMs: number) =>
        setPayoutAddress(database, keys[of]!, addressOf(address), nowMs),
      /** As a settlement does. */
      post: (of: number, amount: bigint, nowMs: number) =>
        database.transaction().execute(async (transaction) => {
          await startDueAddresses(transaction, nowMs);
          const id = `${prefix}/${++transfers}`;
          const credit = peerAccount(keys[of]!).id;
          await applyTransfers(transaction, [
            {
              id,
              debit: TREASURY.id,
              credit,
              amount,
              epoch: 1,
              code: "release",
              pendingId: null,
              state: "posted",
            },
          ]);
        }),
      /** By the number of the address. */
      async claims(nowMs: number) {
        const all = [...(await cumulativeEarnings(database, nowMs))];
        const own = all.filter(([address]) => address.startsWith(`0x${prefix}`));
        return new Map(own.map(([address, amount]) => [Number(`0x${address.slice(-2)}`), amount]));
      },
    };
  }

  it("a clock that tells fractions of a millisecond ended the tracker at its next settlement", async () => {
    const { addressOf, set, post } = await scene();
    const fromMs = await set(0, 1, 1_000.25);
    await post(0, 5n, fromMs + 0.75);
    expect(fromMs).toBe(1_001 + DAY_MS);
    expect((await cumulativeEarnings(database, fromMs + 0.5)).get(addressOf(1))).toBe(5n);
  });

  it("no address's claim ever shrinks, and all of them are what was posted, over any changes, postings and exports", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { set, post, claims } = await scene();
        const posted = Array.from({ length: ACCOUNTS }, () => 0n);
        let nowMs = DAY_MS;
        let before = new Map<number, bigint>();
        const look = async () => {
          const now = await claims(nowMs);
          for (const [address, amount] of before)
            expect(now.get(address) ?? 0n).toBeGreaterThanOrEqual(amount);
          before = now;
        };
        for (const each of steps) {
          if (each.kind === "post") {
            await post(each.account, each.amount, nowMs);
            posted[each.account]! += each.amount;
          } else if (each.kind === "set") await set(each.account, each.address, nowMs);
          else if (each.kind === "wait") nowMs += each.ms;
          else await look();
        }
        for (let of = 0; of < ACCOUNTS; of++) await set(of, 0, nowMs);
        nowMs += 3 * DAY_MS;
        await look();
        const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((one, other) => one + other, 0n);
        expect(sum(before.values())).toBe(sum(posted));
      }),
      { numRuns: 25 },
    );
  });

  it("T16 pays the old address until the day is over, and the new one nothing that was posted before", async () => {
    const { set, post, claims } = await scene();
    const now = 10 * DAY_MS;
    await set(0, 1, now - 2 * DAY_MS);
    await post(0, 100n, now);
    expect(await set(0, 2, now)).toBe(now + DAY_MS);
    await post(0, 10n, now + DAY_MS - 1);
    expect([...(await claims(now + DAY_MS - 1))]).toEqual([[1, 110n]]);
    await post(0, 7n, now + DAY_MS);
    expect([...(await claims(now + DAY_MS))]).toEqual([
      [1, 110n],
      [2, 7n],
    ]);
  });

  it("T16 is called off by setting the address that counts, and by setting another", async () => {
    const { set, post, claims } = await scene();
    const now = 10 * DAY_MS;
    await set(0, 1, now);
    await post(0, 100n, now + 2 * DAY_MS);
    await set(0, 2, now + 2 * DAY_MS);
    expect(await set(0, 1, now + 2 * DAY_MS + HOUR_MS)).toBe(now + DAY_MS);
    await post(0, 10n, now + 9 * DAY_MS);
    await set(0, 2, now + 9 * DAY_MS);
    const from = await set(0, 3, now + 9 * DAY_MS + HOUR_MS);
    await post(0, 1n, from - 1);
    await post(0, 5n, from);
    expect([...(await claims(from))]).toEqual([
      [1, 111n],
      [3, 5n],
    ]);
  });

  it("does not begin the day again for who asks for the same address again", async () => {
    const { set } = await scene();
    expect(await set(0, 1, HOUR_MS)).toBe(DAY_MS + HOUR_MS);
    expect(await set(0, 1, 2 * HOUR_MS)).toBe(DAY_MS + HOUR_MS);
  });

  it("has two accounts of one address claim together", async () => {
    const { set, post, claims } = await scene();
    await set(0, 1, 0);
    await set(1, 1, 0);
    await post(0, 3n, DAY_MS);
    await post(1, 4n, DAY_MS);
    expect([...(await claims(DAY_MS))]).toEqual([[1, 7n]]);
  });

  it("takes over the addresses of an older version, with the day that they still wait", async () => {
    const location = await create();
    const dialect = kind === "postgres" ? postgresDialect(location) : sqliteDialect(location);
    const old = new Kysely<unknown>({ dialect });
    const migrator = new Migrator({ db: old, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
    await migrator.migrateTo("0009-put-off-by-own-epoch");
    const id = peerAccount(new Uint8Array(32)).id;
    await sql`insert into account values (${id}, 'peer', null, '0xold', ${BigInt(DAY_MS)}, 0, 0, 0, 12)`.execute(
      old,
    );
    await old.destroy();
    const opened = await openDatabase(location);
    expect((await cumulativeEarnings(opened, DAY_MS - 1)).size).toBe(0);
    expect([...(await cumulativeEarnings(opened, DAY_MS))]).toEqual([["0xold", 12n]]);
    await opened.destroy();
  });
});
