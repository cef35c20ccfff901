import { decodeHex, encodeHex } from "@tributary/protocol";
import type { PayoutRecord } from "@tributary/protocol/log";
import { BURN, ESCROW, peerAccount, TREASURY } from "../accounts.ts";
import type { Transfer } from "../transfers.ts";
import type { EpochFacts } from "./input.ts";
import { budgetsOf } from "./limits.ts";
import { grouped, type SettlingGrant } from "./settling.ts";
import { priceOf } from "./shares.ts";

const payeeOf = ({ account, publisher }: SettlingGrant) => `${account} ${publisher}`;

/** One record for each account and publisher, in that order. */
export function payoutsOf(
  grants: readonly SettlingGrant[],
  { epoch, parameters }: EpochFacts,
): PayoutRecord[] {
  const paid = grants.filter(({ bytes }) => bytes > 0);
  const groups = grouped(paid, payeeOf);
  return [...groups.keys()].sort().map((payee) => {
    const places = groups.get(payee) ?? [];
    const { account, publisher } = paid[places[0]!]!;
    const bytes = places.reduce((sum, at) => sum + paid[at]!.bytes, 0);
    return {
      epoch,
      account: decodeHex(account!)!,
      publisher: decodeHex(publisher)!,
      grants: places.length,
      bytes: BigInt(bytes),
      paid: priceOf(bytes, parameters.rewardPerGb),
    };
  });
}

/** The place of a grant's record among the payouts; -1 where it has none. */
export function leavesOf(payouts: readonly PayoutRecord[]): (grant: SettlingGrant) => number {
  const leaves = new Map(
    payouts.map(({ account, publisher }, leaf) => [`${encodeHex(account)} ${encodeHex(publisher)}`, leaf]),
  );
  return (grant) => leaves.get(payeeOf(grant)) ?? -1;
}

export interface Postings {
  readonly transfers: readonly Transfer[];
  readonly collected: bigint;
  readonly burned: bigint;
}

/**
 * The transfers of an epoch: what was set aside is given back, publishers are charged, peers' rewards wait in
 * escrow, the rest is fee and burn; what still waits for a statement stays set aside; old rewards are released.
 */
export function postingsOf(
  facts: EpochFacts,
  payouts: readonly PayoutRecord[],
  grants: readonly SettlingGrant[],
): Postings {
  const { epoch, parameters } = facts;
  const transfers: Transfer[] = [];
  const post = (
    transfer: Pick<Transfer, "id" | "debit" | "credit" | "amount" | "code"> & Partial<Transfer>,
  ) => {
    if (transfer.amount > 0n) transfers.push({ epoch, pendingId: null, state: "posted", ...transfer });
  };
  for (const { id, debit, credit, amount } of [...facts.leases].sort((a, b) => (a.id < b.id ? -1 : 1)))
    post({ id: `${id}/void`, debit, credit, amount, code: "lease", pendingId: id, state: "voided" });

  const budgets = budgetsOf(facts);
  const charges = new Map<string, bigint>();
  let collected = 0n;
  let burned = 0n;
  for (const { publisher, bytes, paid, account } of payouts) {
    const key = encodeHex(publisher);
    const charge = priceOf(bytes, parameters.pricePerGb);
    charges.set(key, (charges.get(key) ?? 0n) + charge);
    collected += charge;
    const { id: peer } = peerAccount(account);
    const id = `epoch/${epoch}/reward/${encodeHex(account)}/${key}`;
    post({ id, debit: ESCROW.id, credit: peer, amount: paid, code: "reward", state: "pending" });
  }
  for (const [key, charge] of charges) {
    const rest =
      charge - payouts.reduce((sum, p) => (encodeHex(p.publisher) === key ? sum + p.paid : sum), 0n);
    const burn = (rest * BigInt(parameters.burnPpm)) / 1_000_000n;
    burned += burn;
    const debit = `publisher:${key}`;
    post({ id: `epoch/${epoch}/charge/${key}`, debit, credit: ESCROW.id, amount: charge, code: "charge" });
    post({ id: `epoch/${epoch}/burn/${key}`, debit: ESCROW.id, credit: BURN.id, amount: burn, code: "burn" });
    const fee = rest - burn;
    post({
      id: `epoch/${epoch}/fee/${key}`,
      debit: ESCROW.id,
      credit: TREASURY.id,
      amount: fee,
      code: "fee",
    });
  }

  const waiting = grants.filter(({ verdict }) => verdict === "put-off");
  for (const [key, places] of grouped(waiting, ({ publisher }) => publisher)) {
    const claimed = places.reduce((sum, at) => sum + waiting[at]!.waitingBytes, 0);
    const left = (budgets.get(key) ?? 0n) - (charges.get(key) ?? 0n);
    const wanted = priceOf(claimed, parameters.pricePerGb);
    post({
      id: `epoch/${epoch}/put-off/${key}`,
      debit: `publisher:${key}`,
      credit: ESCROW.id,
      amount: wanted < left ? wanted : left,
      epoch: epoch + 1,
      code: "lease",
      state: "pending",
    });
  }
  for (const { id, debit, credit, amount } of facts.matured)
    post({ id: `${id}/release`, debit, credit, amount, code: "release", pendingId: id });
  return { transfers, collected, burned };
}
