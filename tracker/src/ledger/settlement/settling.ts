import type { SegmentId } from "@tributary/protocol";
import type { Verdict } from "./pair.ts";

/** A grant on its way through the settlement: its bytes only ever shrink. */
export interface SettlingGrant {
  readonly grantId: Uint8Array;
  /** As `swarmEpochOf` names it. */
  readonly swarm: string;
  /** These four in hex; no account where nobody is credited. */
  readonly publisher: string;
  readonly uploader: string;
  readonly downloader: string;
  readonly account: string | null;
  readonly verdict: Verdict;
  /** Of the claim that is paid by; null where none is. */
  readonly acc: Uint8Array | null;
  /** What both sides agree was transferred, paid or not. */
  readonly agreedBytes: number;
  /** What is to be paid for. */
  readonly bytes: number;
  /** What may have to be paid for once the other side has had its time to state it. */
  readonly waitingBytes: number;
}

/** Why bytes that were agreed are not paid. */
export interface Withheld {
  /** The same viewer was paid for this part of the segment before. */
  overlapBytes: number;
  /** Faster than the stream plays, or more than was granted. */
  rateBytes: number;
  /** Unpaid class, no account, or too few independent networks. */
  unpaidBytes: number;
  /** Fetched from the CDN only to be passed on. */
  launderedBytes: number;
  /** Beyond the swarm's or the publisher's limit. */
  cappedBytes: number;
}

/** How much of a segment was paid for one downloader in this epoch. */
export interface PaidSegment {
  readonly downloaderKey: Uint8Array;
  readonly swarm: Uint8Array;
  readonly segment: SegmentId;
  readonly bytes: number;
}

/** The grants of each group, with their places, in their order. */
export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [at, item] of items.entries()) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [at]);
    else group.push(at);
  }
  return groups;
}
