import { afterAll, afterEach, describe, expect, it } from "vitest";
import { BURN, ESCROW, peerAccount, publisherAccount, TREASURY } from "../../ledger/accounts.ts";
import { brokenInvariants } from "../../ledger/invariants.ts";
import type { Transfer } from "../../ledger/transfers.ts";
import { deposit, takeLease } from "./leases.ts";
import { openDatabase, type Database } from "./open-database.ts";
import { applyTransfers, ensureAccounts, NotCovered, readBalances, TransferConflict } from "./postings.ts";
import { everyDatabase } from "./testing/databases.ts";

const databases = await everyDatabase();
afterAll(async () => {
  for (const { close } of databases) await close();
});

const publisher = new Uint8Array(16).fill(1);
const publisherId = publisherAccount(publisher).id;
const peer = peerAccount(new Uint8Array(32).fill(2));

const transfer = (id: string, fields: Partial<Transfer> = {}): Transfer => ({
  id,
  debit: publisherId,
  credit: ESCROW.id,
  amount: 10n,
  epoch: 1,
  code: "charge",
  pendingId: null,
  state: "posted",
  ...fields,
});

describe.each(databases)("postings on $kind", ({ create }) => {
  let opened: Database | null = null;
  /** A publisher with 100 micro-units. */
  async function ledger(): Promise<Database> {
    opened = await openDatabase(await create());
    await ensureAccounts(opened, [TREASURY, ESCROW, BURN, peer]);
    await deposit(opened, { id: "deposit/1", publisher, amount: 100n, epoch: 1 });
    return opened;
  }
  const apply = (database: Database, ...transfers: Transfer[]) =>
    database.transaction().execute((transaction) => applyTransfers(transaction, transfers));
  const balanceOf = async (database: Database, id: string) => {
    const { creditsPosted, debitsPosted, creditsPending, debitsPending } = (
      await readBalances(database)
    ).find((balance) => balance.id === id)!;
    return { posted: creditsPosted - debitsPosted, pending: creditsPending - debitsPending };
  };

  afterEach(async () => {
    if (opened !== null) expect(brokenInvariants(await readBalances(opened))).toEqual([]);
    await opened?.destroy();
    opened = null;
  });

  it("moves an amount once, however often it is applied", async () => {
    const database = await ledger();
    for (let time = 0; time < 3; time++) await apply(database, transfer("a"));
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 90n, pending: 0n });
    expect(await balanceOf(database, ESCROW.id)).toEqual({ posted: 10n, pending: 0n });
  });

  it("refuses another transfer under a known id", async () => {
    const database = await ledger();
    await apply(database, transfer("a"));
    const wrong = apply(database, transfer("a", { amount: 11n }));
    await expect(wrong).rejects.toThrow("a is there already with another amount: 10");
    await expect(wrong).rejects.toThrow(TransferConflict);
  });

  it("posts what was pending, in part or in whole, and gives the rest back", async () => {
    const database = await ledger();
    await apply(database, transfer("p", { state: "pending", code: "lease", amount: 60n }));
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 100n, pending: -60n });
    await apply(database, transfer("q", { pendingId: "p", amount: 25n }));
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 75n, pending: 0n });
  });

  it.each(["posted", "voided"] as const)(
    "resolves a pending transfer once: not again as %s",
    async (state) => {
      const database = await ledger();
      await apply(database, transfer("p", { state: "pending" }));
      await apply(database, transfer("q", { pendingId: "p", state: "voided" }));
      await apply(database, transfer("q", { pendingId: "p", state: "voided" }));
      await expect(apply(database, transfer("r", { pendingId: "p", state }))).rejects.toThrow(
        "p is resolved already, not by r",
      );
      expect(await balanceOf(database, publisherId)).toEqual({ posted: 100n, pending: 0n });
    },
  );

  it.each([
    ["more than was pending", { amount: 11n }],
    ["another debit", { debit: peer.id }],
    ["another credit", { credit: BURN.id }],
    ["nothing that exists", { pendingId: "x" }],
    ["a transfer that is posted already", { pendingId: "deposit/1" }],
  ])("refuses to post %s", async (_, fields) => {
    const database = await ledger();
    await apply(database, transfer("p", { state: "pending" }));
    await expect(apply(database, transfer("q", { pendingId: "p", ...fields }))).rejects.toThrow();
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 100n, pending: -10n });
  });

  it.each([0n, -5n])("refuses an amount of %d", async (amount) => {
    const database = await ledger();
    await expect(apply(database, transfer("a", { amount }))).rejects.toThrow(/check|CHECK/);
  });

  it("keeps nothing of a batch that is not covered", async () => {
    const database = await ledger();
    const batch = apply(database, transfer("a", { amount: 60n }), transfer("b", { amount: 60n }));
    await expect(batch).rejects.toThrow(NotCovered);
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 100n, pending: 0n });
  });

  it("spends in one batch what the batch itself gives back", async () => {
    const database = await ledger();
    await apply(database, transfer("p", { state: "pending", code: "lease", amount: 100n }));
    await apply(
      database,
      transfer("void", { pendingId: "p", amount: 100n, state: "voided", code: "lease" }),
      transfer("charge", { amount: 100n }),
      transfer("reward", { debit: ESCROW.id, credit: peer.id, amount: 100n, state: "pending" }),
    );
    expect(await balanceOf(database, peer.id)).toEqual({ posted: 0n, pending: 100n });
  });

  it("leases to one of 64 that ask at once for a balance that covers one", async () => {
    const database = await ledger();
    const asked = Array.from({ length: 64 }, (_, at) =>
      takeLease(database, { id: `lease/${at}`, publisher, amount: 51n, epoch: 1 }),
    );
    expect((await Promise.all(asked)).filter((granted) => granted)).toHaveLength(1);
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 100n, pending: -51n });
  });

  it("answers a lease asked for again as before, and one of a stranger with no", async () => {
    const database = await ledger();
    const request = { id: "lease/1", publisher, amount: 80n, epoch: 1 };
    expect(await takeLease(database, request)).toBe(true);
    expect(await takeLease(database, request)).toBe(true);
    expect(await takeLease(database, { ...request, id: "lease/2" })).toBe(false);
    expect(await takeLease(database, { ...request, id: "lease/3", publisher: new Uint8Array(16) })).toBe(
      false,
    );
  });

  it("applies thousands in one batch", async () => {
    const database = await ledger();
    const many = Array.from({ length: 2_500 }, (_, at) =>
      transfer(
        `t${at}`,
        at % 2 === 0 ? { amount: 5n } : { debit: ESCROW.id, credit: publisherId, amount: 5n },
      ),
    );
    await apply(database, ...many);
    expect(await balanceOf(database, publisherId)).toEqual({ posted: 100n, pending: 0n });
  });
});
