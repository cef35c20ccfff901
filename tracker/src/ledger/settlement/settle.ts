import { encodeHex, type Link } from "@tributary/protocol";
import { NO_PAYOUT_LEAF, type PayoutRecord, type SettledRecord } from "@tributary/protocol/log";
import type { Transfer } from "../transfers.ts";
import { movedBytes, netDisplacement, totalsAfter } from "./displacement.ts";
import {
  type EpochFacts,
  type GrantBatch,
  type GrantToSettle,
  type SessionFacts,
  type SessionTotals,
  type SwarmFacts,
  swarmEpochOf,
} from "./input.ts";
import { capByBudget, capBySwarm } from "./limits.ts";
import { comparePair, type PairAccount } from "./pair.ts";
import { leavesOf, payoutsOf, type Postings, postingsOf } from "./payouts.ts";
import { createSegmentBooks } from "./segment-books.ts";
import { slash } from "./slashing.ts";
import { grouped, type PaidSegment, type SettlingGrant, type Withheld } from "./settling.ts";

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
  /** Bytes by `swarmEpochOf`: counts against what else may be paid for that epoch. */
  readonly paidInSwarms: ReadonlyMap<string, number>;
  readonly withheld: Readonly<Withheld>;
  readonly bytes: bigint;
  readonly paid: bigint;
}

/** Settles one epoch: nothing of a batch is kept but what it comes to, so that an epoch may be larger than memory. */
export interface Settling {
  /** Throws nothing away that could be added later: grants must come in the order that `GrantBatch` names. */
  add(batch: GrantBatch): void;
  /** Accounts behind downloaders that signed two claims for one receipt, in what was added. */
  suspects(): Uint8Array[];
  /** @param deposits all pending rewards, of whatever epoch, of the suspects */
  finish(deposits: readonly Transfer[]): Settlement;
}

/** Pure, and the same for the same input, so that it can be run again after a crash and by whoever audits it. */
export function createSettling(facts: EpochFacts): Settling {
  const withheld: Withheld = {
    overlapBytes: 0,
    rateBytes: 0,
    unpaidBytes: 0,
    launderedBytes: 0,
    cappedBytes: 0,
  };
  const { parameters } = facts;
  const books = createSegmentBooks(parameters, withheld);
  const swarms = new Map<string, SwarmFacts>();
  const sessions = new Map<string, SessionFacts>();
  const compared: SettlingGrant[] = [];
  const lies: Lie[] = [];
  const apart: (readonly [Uint8Array, Uint8Array])[] = [];
  const named = sharedNames();

  function compare(item: GrantToSettle, batch: GrantBatch): SettlingGrant {
    const { grant, account } = item;
    const swarm = encodeHex(grant.swarm);
    const rootsOf = ({ segment }: Link) => batch.rootsOf(swarm, segment);
    const pair = comparePair(item, rootsOf, facts.sha256);
    const linked = pair.links.reduce((sum, link) => sum + link.bytes, 0);
    const agreedBytes = Math.min(linked, pair.bytesMax);
    if (pair.verdict === "lie") lies.push(lieOf(item));
    if (pair.verdict === "apart") apart.push([grant.uploaderKey, grant.downloaderKey]);
    return {
      grantId: grant.grantId,
      swarm: named(swarmEpochOf(grant)),
      publisher: named(encodeHex(grant.publisher)),
      uploader: named(encodeHex(grant.uploaderKey)),
      downloader: named(encodeHex(grant.downloaderKey)),
      account: account && named(encodeHex(account)),
      verdict: pair.verdict,
      acc: pair.claim?.acc ?? null,
      agreedBytes,
      bytes: books.payable(item, pair, agreedBytes, batch),
      waitingBytes: waitingBytes(item, pair),
    };
  }

  return {
    add(batch) {
      for (const [key, swarm] of batch.swarms) swarms.set(key, swarm);
      for (const [key, session] of batch.sessions) sessions.set(key, session);
      for (const item of batch.grants) compared.push(compare(item, batch));
    },
    suspects: () => accountsOf(lies),
    finish(deposits) {
      const moved = movedBytes(compared);
      const known = { swarms, sessions };
      const displaced = netDisplacement(compared, known, parameters.bufferMs, moved, withheld);
      const capped = capBySwarm(displaced, swarms, parameters, withheld);
      const grants = capByBudget(capped, facts, withheld);

      const payouts = payoutsOf(grants, facts);
      const leafOf = leavesOf(payouts);
      const { transfers, collected, burned } = postingsOf(facts, payouts, grants);
      return {
        transfers: slash(transfers, accountsOf(lies), deposits, facts),
        collected,
        burned,
        payouts,
        settled: grants.filter(isFinal).map((grant) => ({
          grantId: grant.grantId,
          bytes: BigInt(grant.bytes),
          acc: grant.acc ?? new Uint8Array(32),
          leaf: grant.bytes > 0 && grant.account !== null ? leafOf(grant) : NO_PAYOUT_LEAF,
        })),
        putOff: grants.filter(({ verdict }) => verdict === "put-off").map(({ grantId }) => grantId),
        lies,
        apart,
        sessions: totalsAfter(compared, grants, sessions, moved),
        paidSegments: books.paid(),
        paidInSwarms: sumsOf(grants),
        withheld,
        bytes: payouts.reduce((sum, { bytes }) => sum + bytes, 0n),
        paid: payouts.reduce((sum, { paid }) => sum + paid, 0n),
      };
    },
  };
}

/** Nobody has a word to say of a grant that was never used. */
const isFinal = ({ verdict }: SettlingGrant) => verdict !== "put-off" && verdict !== "silent";

/** A few names that many grants share: each is kept once. */
function sharedNames(): (name: string) => string {
  const names = new Map<string, string>();
  return (name) => {
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
}

function sumsOf(grants: readonly SettlingGrant[]): Map<string, number> {
  const groups = grouped(grants, ({ swarm }) => swarm);
  return new Map(
    [...groups].map(([swarm, places]) => [swarm, places.reduce((sum, at) => sum + grants[at]!.bytes, 0)]),
  );
}

/** What the one side that stated something claims of a grant. */
function waitingBytes(
  { grant, account, uploader, downloader }: GrantToSettle,
  { verdict }: PairAccount,
): number {
  if (verdict !== "put-off" || grant.payClass === "unpaid" || account === null) return 0;
  const last = uploader.at(-1) ?? downloader.at(-1);
  return Math.min(last?.bytes ?? 0, grant.maxBytes);
}

function lieOf({ grant, uploader, downloader, downloaderAccount: account }: GrantToSettle): Lie {
  const seq = (uploader.at(-1) ?? downloader.at(-1))?.seq ?? 0;
  const { grantId, uploaderKey, downloaderKey } = grant;
  return { grantId, uploaderKey, downloaderKey, seq, account };
}

const accountsOf = (lies: readonly Lie[]) =>
  lies.flatMap(({ account }) => (account === null ? [] : [account]));
