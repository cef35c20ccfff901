import { encodeHex } from "@tributary/protocol";
import { priceOf } from "../ledger/settlement/shares.ts";
import type { Ledger } from "./contract.ts";

/** No lease is smaller, so that a small audience does not ask every few seconds: $0.01. */
const LEASE_MIN = 10_000n;

interface Budget {
  readonly publisher: Uint8Array;
  readonly epoch: number;
  /** Set aside, and what the epoch may have cost so far. */
  leased: bigint;
  cost: bigint;
  asking: Promise<void> | null;
  /** By the last answer; before the first one, as in the epoch before. */
  covered: boolean;
}

/** Keeps a little of each publisher's balance set aside for the running epoch, and asks for more as it is used. */
export interface Budgets {
  /** Whether anything is set aside for the epoch. Where not, it is asked for: the next answer may be another. */
  has(publisher: Uint8Array, epoch: number): boolean;
  /** Asks at once; resolves with the answer, so that first viewers need not wait for it. */
  prepare(publisher: Uint8Array, epoch: number): Promise<void>;
  /** At most so many bytes went to a publisher's viewers, and go to them in a minute. */
  used(publisher: Uint8Array, epoch: number, bytes: number, bytesPerMinute: number): void;
}

/** @param node tells the leases of this process from those of others */
export function createBudgets(ledger: Pick<Ledger, "takeLease">, pricePerGb: number, node: string): Budgets {
  const budgets = new Map<string, Budget>();
  let lastLease = 0;

  function budgetOf(publisher: Uint8Array, epoch: number): Budget {
    const key = encodeHex(publisher);
    const known = budgets.get(key);
    if (known !== undefined && known.epoch >= epoch) return known;
    const budget = {
      publisher,
      epoch,
      leased: 0n,
      cost: 0n,
      asking: null,
      covered: known?.covered ?? false,
    };
    budgets.set(key, budget);
    ask(budget, LEASE_MIN);
    return budget;
  }

  function ask(budget: Budget, amount: bigint): void {
    if (budget.asking !== null) return;
    const { publisher, epoch } = budget;
    const id = `lease/${epoch}/${encodeHex(publisher)}/${node}/${++lastLease}`;
    budget.asking = ledger.takeLease({ id, publisher, amount, epoch }).then(
      (granted) => {
        budget.asking = null;
        if (granted) budget.leased += amount;
        budget.covered = budget.leased > 0n;
      },
      // The epoch is settled, or the ledger is gone: either way nothing is set aside.
      () => {
        budget.asking = null;
      },
    );
  }

  return {
    has(publisher, epoch) {
      const budget = budgetOf(publisher, epoch);
      if (!budget.covered) ask(budget, LEASE_MIN);
      return budget.covered;
    },
    async prepare(publisher, epoch) {
      await budgetOf(publisher, epoch).asking;
    },
    used(publisher, epoch, bytes, bytesPerMinute) {
      const budget = budgetOf(publisher, epoch);
      if (budget.epoch !== epoch) return;
      budget.cost += priceOf(bytes, pricePerGb);
      const ahead = priceOf(bytesPerMinute, pricePerGb);
      if (budget.leased < budget.cost + ahead) ask(budget, ahead > LEASE_MIN ? ahead : LEASE_MIN);
    },
  };
}
