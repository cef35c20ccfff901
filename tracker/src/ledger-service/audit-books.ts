import { readBalances, transferOf } from "../adapters/database/postings.ts";
import { isTouched } from "../adapters/database/settlement-store.ts";
import type { Database } from "../adapters/database/open-database.ts";
import { type AccountBalance, brokenInvariants } from "../ledger/invariants.ts";
import { addBalances, balanceChanges, type Transfer, ZERO_BALANCE } from "../ledger/transfers.ts";

/** Says what is wrong where something does not hold. */
export type Find = (holds: boolean, text: string) => void;

export interface Books {
  readonly count: number;
  ofEpoch(n: bigint): readonly Transfer[];
  /** Applies everything up to an epoch. */
  apply(n: bigint): void;
  applyRest(): void;
  /** Accounts that something happened to, by id. */
  balances(): AccountBalance[];
}

/** All transfers, applied to empty books epoch by epoch. */
export async function openBooks(database: Database): Promise<Books> {
  const transfers = (await database.selectFrom("transfer").selectAll().orderBy("epoch").execute()).map(
    transferOf,
  );
  const kinds = new Map(
    (await database.selectFrom("account").select(["id", "kind"]).execute()).map(({ id, kind }) => [id, kind]),
  );
  const amounts = new Map(transfers.map(({ id, amount }) => [id, amount]));
  const balances = new Map<string, AccountBalance>();
  let applied = 0;
  const applyWhile = (holds: (transfer: Transfer) => boolean) => {
    const start = applied;
    while (applied < transfers.length && holds(transfers[applied]!)) applied++;
    const changes = balanceChanges(transfers.slice(start, applied), (id) => amounts.get(id) ?? 0n);
    for (const [id, change] of changes) {
      const before = balances.get(id) ?? { ...ZERO_BALANCE, id, kind: kinds.get(id) ?? "peer" };
      balances.set(id, { ...before, ...addBalances(before, change) });
    }
  };
  return {
    count: transfers.length,
    ofEpoch: (n) => transfers.filter(({ epoch }) => BigInt(epoch) === n),
    apply: (n) => applyWhile(({ epoch }) => BigInt(epoch) <= n),
    applyRest: () => applyWhile(() => true),
    balances: () => [...balances.values()].filter(isTouched),
  };
}

export async function auditBalances(
  database: Database,
  computed: readonly AccountBalance[],
  find: Find,
): Promise<void> {
  const stored = (await readBalances(database)).filter(isTouched);
  const text = ({ id, kind, ...balance }: AccountBalance) =>
    `${id} ${kind} ${Object.entries(addBalances(balance, ZERO_BALANCE)).join(" ")}`;
  const byId = new Map(stored.map((balance) => [balance.id, balance]));
  for (const balance of computed) {
    const found = byId.get(balance.id);
    find(
      found !== undefined && text(found) === text(balance),
      `${balance.id}: its balance is not what its transfers make`,
    );
    byId.delete(balance.id);
  }
  for (const id of byId.keys()) find(false, `${id}: has a balance and no transfers`);
  for (const broken of brokenInvariants(stored)) find(false, broken);
}
