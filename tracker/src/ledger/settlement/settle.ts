import { encodeHex, type Link } from "@tributary/protocol";
import { NO_PAYOUT_LEAF, type PayoutRecord, type SettledRecord } from "@tributary/protocol/log";
import { movedBytes, netDisplacement, totalsAfter } from "./displacement.ts";
import type { GrantToSettle, SessionTotals, SettlementInput } from "./input.ts";
import { capByBudget, capBySwarm } from "./limits.ts";
import { comparePair } from "./pair.ts";
import { leavesOf, payoutsOf, type Postings, postingsOf } from "./payouts.ts";
import { createSegmentBooks } from "./segment-books.ts";
import { slash } from "./slashing.ts";
import type { PaidSegment, SettlingGrant, Withheld } from "./settling.ts";

/** Two claims for one receipt, both signed by the downloader: what convicts it. */
export interface Lie {
  readonly grantId: Uint8Array;
  readonly uploaderKey: Uint8Array;
  readonly downloaderKey: Uint8Array;
  readonly seq: number;
  /** Of the downloader, which loses what it has in escrow; null where it has none. */
  readonly account: Uint8Array | null;
}

export interface Settlement extends Postings {
  /** The leaves of the payouts tree. */
  readonly payouts: readonly PayoutRecord[];
  readonly settled: readonly SettledRecord[];
  /** Grants to be settled with the next epoch. */
  readonly putOff: readonly Uint8Array[];
  readonly lies: readonly Lie[];
  /** Pairs [uploader, downloader] whose accounts contradict each other: introduced to each other last. */
  readonly apart: readonly (readonly [Uint8Array, Uint8Array])[];
  /** By the session key in hex. */
  readonly sessions: ReadonlyMap<string, SessionTotals>;
  readonly paidSegments: readonly PaidSegment[];
  readonly withheld: Readonly<Withheld>;
  readonly bytes: bigint;
  readonly paid: bigint;
}

/**
 * Settles one epoch: pure, and the same for the same input, so that it can be run again after a crash and by
 * whoever audits it.
 */
export function settle(input: SettlementInput): Settlement {
  const withheld: Withheld = {
    overlapBytes: 0,
    rateBytes: 0,
    unpaidBytes: 0,
    launderedBytes: 0,
    cappedBytes: 0,
  };
  const books = createSegmentBooks(input, withheld);
  const compared = inOrder(input.grants).map((item) => {
    const settling = compare(item, input);
    return { ...settling, bytes: books.payable(settling) };
  });
  const moved = movedBytes(compared);
  const displaced = netDisplacement(compared, input, moved, withheld);
  const grants = capByBudget(capBySwarm(displaced, input, withheld), input, withheld);

  const payouts = payoutsOf(grants, input);
  const leafOf = leavesOf(payouts);
  const isPutOff = ({ pair }: SettlingGrant) => pair.verdict === "put-off";
  // Nobody has a word to say of a grant that was never used.
  const final = grants.filter((grant) => !isPutOff(grant) && grant.pair.verdict !== "silent");
  const lies = final.filter(({ pair }) => pair.verdict === "lie").map(({ item }) => lieOf(item));
  const { transfers, collected, burned } = postingsOf(input, payouts, grants);
  return {
    transfers: slash(
      transfers,
      lies.flatMap(({ account }) => (account === null ? [] : [account])),
      input,
    ),
    collected,
    burned,
    payouts,
    settled: final.map(({ item: { grant, account }, pair, bytes }) => ({
      grantId: grant.grantId,
      bytes: BigInt(bytes),
      acc: pair.claim?.acc ?? new Uint8Array(32),
      leaf: bytes > 0 && account !== null ? leafOf(account, grant.publisher) : NO_PAYOUT_LEAF,
    })),
    putOff: grants.filter(isPutOff).map(({ item }) => item.grant.grantId),
    lies,
    apart: final
      .filter(({ pair }) => pair.verdict === "apart")
      .map(({ item: { grant } }) => [grant.uploaderKey, grant.downloaderKey] as const),
    sessions: totalsAfter(compared, grants, input, moved),
    paidSegments: books.paid(),
    withheld,
    bytes: payouts.reduce((sum, { bytes }) => sum + bytes, 0n),
    paid: payouts.reduce((sum, { paid }) => sum + paid, 0n),
  };
}

/** Who came first is paid first where only one can be. */
function inOrder(grants: readonly GrantToSettle[]): GrantToSettle[] {
  const keyed = grants.map((item) => ({ item, id: encodeHex(item.grant.grantId) }));
  keyed.sort((a, b) => a.item.grant.notBeforeMs - b.item.grant.notBeforeMs || (a.id < b.id ? -1 : 1));
  return keyed.map(({ item }) => item);
}

function compare(item: GrantToSettle, input: SettlementInput): Omit<SettlingGrant, "bytes"> {
  const { swarm, publisher, uploaderKey, downloaderKey } = item.grant;
  const rootsOf = ({ segment }: Link) => input.rootsOf(swarm, segment);
  const pair = comparePair(item, rootsOf, input.sha256);
  const linked = pair.links.reduce((sum, link) => sum + link.bytes, 0);
  return {
    item,
    swarm: encodeHex(swarm),
    publisher: encodeHex(publisher),
    uploader: encodeHex(uploaderKey),
    downloader: encodeHex(downloaderKey),
    pair,
    agreedBytes: Math.min(linked, pair.bytesMax),
  };
}

function lieOf({ grant, uploader, downloader, downloaderAccount: account }: GrantToSettle): Lie {
  const seq = (uploader.at(-1) ?? downloader.at(-1))?.seq ?? 0;
  const { grantId, uploaderKey, downloaderKey } = grant;
  return { grantId, uploaderKey, downloaderKey, seq, account };
}
