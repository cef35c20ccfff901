import type { AccountKind } from "./accounts.ts";
import { addBalances, availableOf, type Balance, ZERO_BALANCE } from "./transfers.ts";

export interface AccountBalance extends Balance {
  readonly id: string;
  readonly kind: AccountKind;
}

/** Each sentence names one law of the ledger that these balances break. Empty: all hold. */
export function brokenInvariants(balances: readonly AccountBalance[]): string[] {
  const broken: string[] = [];
  const total = balances.reduce<Balance>(addBalances, ZERO_BALANCE);
  if (total.debitsPosted !== total.creditsPosted)
    broken.push(`debits of ${total.debitsPosted} are not credits of ${total.creditsPosted}`);
  if (total.debitsPending !== total.creditsPending)
    broken.push(
      `pending debits of ${total.debitsPending} are not pending credits of ${total.creditsPending}`,
    );
  for (const balance of balances) {
    if (balance.kind !== "treasury" && availableOf(balance) < 0n)
      broken.push(`${balance.id} is overdrawn by ${-availableOf(balance)}`);
    if (balance.debitsPending < 0n || balance.creditsPending < 0n)
      broken.push(`${balance.id} has less than nothing pending`);
  }
  const of = (kind: AccountKind) =>
    balances.filter((balance) => balance.kind === kind).reduce<Balance>(addBalances, ZERO_BALANCE);
  const peers = of("peer");
  const paid = peers.creditsPosted + peers.creditsPending;
  const collected = of("escrow").creditsPosted;
  if (paid > collected) broken.push(`${paid} paid to peers of ${collected} collected from publishers`);
  return broken;
}
