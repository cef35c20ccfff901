import { encodeHex } from "@tributary/protocol";
import type { PayoutRecord } from "@tributary/protocol/log";
import { BURN, ESCROW, peerAccount, publisherAccount, TREASURY } from "../accounts.ts";
import type { Transfer } from "../transfers.ts";
import type { SettlementInput } from "./input.ts";
import { budgetsOf } from "./limits.ts";
import { grouped, type SettlingGrant } from "./settling.ts";
import { priceOf } from "./shares.ts";

const payeeOf = (account: Uint8Array, publisher: Uint8Array) =>
  `${encodeHex(account)} ${encodeHex(publisher)}`;

/** One record for each account and publisher, in that order. */
export function payoutsOf(grants: readonly SettlingGrant[], input: SettlementInput): PayoutRecord[] {
  const paid = grants.filter(({ bytes }) => bytes > 0);
  const groups = grouped(paid, ({ item }) => payeeOf(item.account!, item.grant.publisher));
  return [...groups.keys()].sort().map((payee) => {
    const places = groups.get(payee) ?? [];
    const { account, grant } = paid[places[0]!]!.item;
    const bytes = places.reduce((sum, at) => sum + paid[at]!.bytes, 0);
    return {
      epoch: input.epoch,
      account: account!,
      publisher: grant.publisher,
      grants: places.length,
      bytes: BigInt(bytes),
      paid: priceOf(bytes, input.parameters.rewardPerGb),
    };
  });
}

/** The place of a payee's record among the payouts. */
export function leavesOf(
  payouts: readonly PayoutRecord[],
): (account: Uint8Array, publisher: Uint8Array) => number {
  const leaves = new Map(payouts.map(({ account, publisher }, leaf) => [payeeOf(account, publisher), leaf]));
  return (account, publisher) => leaves.get(payeeOf(account, publisher)) ?? -1;
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
  input: SettlementInput,
  payouts: readonly PayoutRecord[],
  grants: readonly SettlingGrant[],
): Postings {
  const { epoch, parameters } = input;
  const transfers: Transfer[] = [];
  const post = (
    transfer: Pick<Transfer, "id" | "debit" | "credit" | "amount" | "code"> & Partial<Transfer>,
  ) => {
    if (transfer.amount > 0n) transfers.push({ epoch, pendingId: null, state: "posted", ...transfer });
  };
  for (const { id, debit, credit, amount } of [...input.leases].sort((a, b) => (a.id < b.id ? -1 : 1)))
    post({ id: `${id}/void`, debit, credit, amount, code: "lease", pendingId: id, state: "voided" });

  const budgets = budgetsOf(input);
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

  const waiting = grants.filter(({ pair }) => pair.verdict === "put-off");
  for (const [key, places] of grouped(waiting, ({ publisher }) => publisher)) {
    const claimed = places.reduce((sum, at) => sum + claimedBytes(waiting[at]!), 0);
    const left = (budgets.get(key) ?? 0n) - (charges.get(key) ?? 0n);
    const wanted = priceOf(claimed, parameters.pricePerGb);
    post({
      id: `epoch/${epoch}/put-off/${key}`,
      debit: publisherAccount(waiting[places[0]!]!.item.grant.publisher).id,
      credit: ESCROW.id,
      amount: wanted < left ? wanted : left,
      epoch: epoch + 1,
      code: "lease",
      state: "pending",
    });
  }
  for (const { id, debit, credit, amount } of input.matured)
    post({ id: `${id}/release`, debit, credit, amount, code: "release", pendingId: id });
  return { transfers, collected, burned };
}

/** What the one side that stated something claims of a grant. */
function claimedBytes({ item: { grant, account, uploader, downloader } }: SettlingGrant): number {
  if (grant.payClass === "unpaid" || account === null) return 0;
  const last = uploader.at(-1) ?? downloader.at(-1);
  return Math.min(last?.bytes ?? 0, grant.maxBytes);
}
