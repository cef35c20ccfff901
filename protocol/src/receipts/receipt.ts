import { fixed, u32, u64 } from "../codec/layout.ts";
import { MAX_RECEIPT_BYTES } from "../limits.ts";
import { HASH_BYTES } from "../pieces.ts";
import { GRANT_ID_BYTES } from "./grant.ts";
import { bytesOfLinks, type Link, linkRuns } from "./links.ts";
import { type SignedMessage, signedMessage } from "./signed.ts";

/** Even if none continues another they fit MAX_RECEIPT_BYTES. */
export const MAX_RECEIPT_LINKS = 128;

/** What was received over a grant up to one receipt. Both sides name it alike. */
export interface Claim {
  readonly grantId: Uint8Array;
  /** Of the receipt: 1, 2, 3 … for each grant. */
  readonly seq: number;
  /** Cumulative. */
  readonly bytes: number;
  /** Cumulative: links of the chain. */
  readonly segments: number;
  /** After the last link. */
  readonly acc: Uint8Array;
}

export interface Receipt extends Claim {
  /** The tracker's clock, since 1970. */
  readonly timestampMs: number;
  /** Those since the receipt before: the chain's links from `segments - links.length` on. */
  readonly links: readonly Link[];
}

export const claimFields = {
  grantId: fixed(GRANT_ID_BYTES),
  seq: u32,
  bytes: u64,
  segments: u32,
  acc: fixed(HASH_BYTES),
};

/** Whether the counters can be: null, or what is wrong with them. */
export function wrongCounters({ seq, bytes, segments, links }: Omit<Receipt, "timestampMs">): string | null {
  if (seq === 0) return "seq: counts from 1";
  if (segments < links.length) return "fewer segments than links";
  const earlier = bytes - bytesOfLinks(links);
  // Every earlier link brought at least one byte.
  if (earlier < segments - links.length) return "fewer bytes than the links add up to";
  return segments === links.length && earlier > 0 ? "more bytes than the links add up to" : null;
}

/** From the downloader to the uploader, under the downloader's session key. */
export const receiptMessage: SignedMessage<Receipt> = signedMessage(
  "receipt",
  2,
  MAX_RECEIPT_BYTES,
  { ...claimFields, timestampMs: u64, links: linkRuns(MAX_RECEIPT_LINKS) },
  wrongCounters,
);
