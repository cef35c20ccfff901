/** `pending` reserves; a later transfer that names it posts or voids it, once. */
export type TransferState = "pending" | "posted" | "voided";

/**
 * What a transfer is for. A publisher's money goes by `deposit` from the treasury to its account, by `charge` to
 * escrow, and from there by `reward` to peers, by `fee` to the treasury and by `burn`. `lease` reserves a part of a
 * publisher's balance for grants about to be given; `release` posts a reward after its escrow, `slash` voids it.
 */
export type TransferCode = "deposit" | "lease" | "charge" | "reward" | "fee" | "burn" | "release" | "slash";

export interface Transfer {
  /** The same id is the same transfer: applying it again changes nothing. */
  readonly id: string;
  /** Account that pays. */
  readonly debit: string;
  readonly credit: string;
  /** Micro-units, above zero. */
  readonly amount: bigint;
  readonly epoch: number;
  readonly code: TransferCode;
  /** The pending transfer that this one posts (in whole or in part) or voids. */
  readonly pendingId: string | null;
  readonly state: TransferState;
}

/** What an account has given and got. Posted is final, pending is reserved. */
export interface Balance {
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPending: bigint;
  readonly creditsPosted: bigint;
}

export const ZERO_BALANCE: Balance = {
  debitsPending: 0n,
  debitsPosted: 0n,
  creditsPending: 0n,
  creditsPosted: 0n,
};

export function addBalances(left: Balance, right: Balance): Balance {
  return {
    debitsPending: left.debitsPending + right.debitsPending,
    debitsPosted: left.debitsPosted + right.debitsPosted,
    creditsPending: left.creditsPending + right.creditsPending,
    creditsPosted: left.creditsPosted + right.creditsPosted,
  };
}

/** What is left to spend. */
export function availableOf({ creditsPosted, debitsPosted, debitsPending }: Balance): bigint {
  return creditsPosted - debitsPosted - debitsPending;
}

/**
 * How transfers change the balances of the accounts they touch.
 * @param pendingAmountOf the amount of a pending transfer, by its id
 */
export function balanceChanges(
  transfers: readonly Transfer[],
  pendingAmountOf: (id: string) => bigint,
): Map<string, Balance> {
  const changes = new Map<string, Balance>();
  const add = (account: string, change: Partial<Balance>) =>
    changes.set(account, addBalances(changes.get(account) ?? ZERO_BALANCE, { ...ZERO_BALANCE, ...change }));
  for (const { debit, credit, amount, pendingId, state } of transfers) {
    if (pendingId !== null) {
      const reserved = pendingAmountOf(pendingId);
      add(debit, { debitsPending: -reserved });
      add(credit, { creditsPending: -reserved });
    }
    if (state === "pending") {
      add(debit, { debitsPending: amount });
      add(credit, { creditsPending: amount });
    } else if (state === "posted") {
      add(debit, { debitsPosted: amount });
      add(credit, { creditsPosted: amount });
    }
  }
  return changes;
}
