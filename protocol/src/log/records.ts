import type { Decoded } from "../codec/decode.ts";
import {
  decodeWith,
  encodeWith,
  fixed,
  type Layout,
  record,
  text,
  u32,
  u64,
  type ValueOf,
} from "../codec/layout.ts";
import { domainSeparated } from "../preimages.ts";
import { amount } from "./amount.ts";
import { HASH_BYTES } from "./hashing.ts";
import { equalBytes } from "../bytes.ts";

/** Far above the longest record. */
const RECORD_BYTES_MAX = 1_024;
const ACCOUNT_BYTES = 32;
const PUBLISHER_BYTES = 16;

/** A leaf of a tree: "tributary/<name>/v1\0" and the fields, each of fixed width. */
export interface LeafFormat<T> {
  /** @throws RangeError naming the field */
  encode(value: T): Uint8Array<ArrayBuffer>;
  /** Never throws. */
  decode(bytes: Uint8Array): Decoded<T>;
}

function leafFormat<T>(name: string, layout: Layout<T>): LeafFormat<T> {
  const prefix = domainSeparated(name);
  return {
    encode: (value) => domainSeparated(name, encodeWith(layout, value, name, RECORD_BYTES_MAX)),
    decode(bytes) {
      if (!equalBytes(bytes.subarray(0, prefix.length), prefix))
        return { ok: false, reason: `not a record of ${name}` };
      return decodeWith(layout, bytes.subarray(prefix.length), RECORD_BYTES_MAX);
    },
  };
}

const payout = record({
  epoch: u32,
  /** Ed25519 public key of who is paid. */
  account: fixed(ACCOUNT_BYTES),
  /** Who pays. */
  publisher: fixed(PUBLISHER_BYTES),
  /** Grants that were settled for it. */
  grants: u32,
  bytes: amount,
  /** Micro-units. */
  paid: amount,
});

/** What one account earned from one publisher in one epoch: a leaf of the epoch's payouts tree, whose sum is `paid`. */
export type PayoutRecord = ValueOf<typeof payout>;
export const payoutRecord: LeafFormat<PayoutRecord> = leafFormat("payout", payout);

const hash = fixed(HASH_BYTES);

const epoch = record({
  epoch: u32,
  opensMs: u64,
  closesMs: u64,
  /** The leaf hash of the epoch record before; zeros for the first. */
  previous: hash,
  /** SHA-256 of the settlement's parameters. */
  parameters: hash,
  /** RFC 6962 tree over the settled grants. */
  settledRoot: hash,
  settledCount: u32,
  /** Sum tree over payout records. */
  payoutsRoot: hash,
  payoutsCount: u32,
  /** RFC 6962 tree over all accounts' balances after the settlement. */
  balancesRoot: hash,
  /** RFC 6962 tree over the publishers' egress reports. */
  egressRoot: hash,
  egressCount: u32,
  bytes: amount,
  /** To peers; the payouts tree's sum. Never above `collected`. */
  paid: amount,
  /** From publishers: paid, burned, and the treasury's fee. */
  collected: amount,
  burned: amount,
});

/** One settled epoch: an entry of the public log. */
export type EpochRecord = ValueOf<typeof epoch>;
export const epochRecord: LeafFormat<EpochRecord> = leafFormat("epoch", epoch);

const settled = record({
  grantId: fixed(16),
  /** What was paid for. */
  bytes: amount,
  acc: hash,
  /** Of the payouts tree; 0xffffffff where nothing was paid. */
  leaf: u32,
});

/** A grant as it was settled: a leaf of the epoch's tree of settled grants. */
export type SettledRecord = ValueOf<typeof settled>;
export const settledRecord: LeafFormat<SettledRecord> = leafFormat("settled", settled);
export const NO_PAYOUT_LEAF = 0xffff_ffff;

const egress = record({
  publisher: fixed(PUBLISHER_BYTES),
  swarm: hash,
  bytes: amount,
});

/** What a publisher says its CDN delivered of one title in an epoch: a leaf of the epoch's tree of egress reports. */
export type EgressRecord = ValueOf<typeof egress>;
export const egressRecord: LeafFormat<EgressRecord> = leafFormat("egress", egress);

const balance = record({
  debitsPending: amount,
  debitsPosted: amount,
  creditsPending: amount,
  creditsPosted: amount,
  account: text(200),
});

/** An account after an epoch: a leaf of the epoch's tree of balances. */
export type BalanceRecord = ValueOf<typeof balance>;
export const balanceRecord: LeafFormat<BalanceRecord> = leafFormat("balance", balance);
