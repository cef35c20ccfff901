import { encodeHex } from "../hex.ts";
import type { ErrorCode } from "../tracker/error.ts";
import type { Grant } from "./grant.ts";
import { bytesOfLinks } from "./links.ts";
import type { Claim, Receipt } from "./receipt.ts";

/** Clients set their clocks by WELCOME; what is left is a round trip, and a laptop that slept. */
export const CLOCK_TOLERANCE_MS = 30_000;
/** A receipt may follow this long after its grant's expiry: one window of 15 s, and its way. */
export const RECEIPT_GRACE_MS = 20_000;
/** An epoch takes statements until this long after its close, by their arrival. */
export const EPOCH_GRACE_MS = 120_000;

export interface BrokenRule {
  readonly code: ErrorCode;
  /** Plain words. */
  readonly reason: string;
}

const broken = (code: ErrorCode, reason: string): BrokenRule => ({ code, reason });

/** Whether a time is out of what the clocks allow around `nowMs`. */
export function clockFault(timestampMs: number, nowMs: number, pastMsMax: number): BrokenRule | null {
  if (timestampMs > nowMs + CLOCK_TOLERANCE_MS) return broken("clock-ahead", "dated in the future");
  return timestampMs < nowMs - pastMsMax ? broken("clock-behind", "dated too long ago") : null;
}

/**
 * What is wrong with a receipt, by its grant and the last receipt that was taken (null: the first one). Null: only its
 * signature is left to check, under the grant's downloader key. Receipts between the two may be missing: a link that
 * broke took them along, and totals are cumulative.
 */
export function receiptFault(
  receipt: Receipt,
  grant: Grant,
  before: Claim | null,
  nowMs: number,
): BrokenRule | null {
  const { seq, bytes, segments, links, timestampMs } = receipt;
  if (encodeHex(receipt.grantId) !== encodeHex(grant.grantId))
    return broken("unknown-grant", "a receipt for another grant");
  if (seq <= (before?.seq ?? 0)) return broken("replayed", `receipt ${seq} after ${before?.seq}`);
  const missing = segments - links.length - (before?.segments ?? 0);
  if (missing < 0) return broken("wrong-order", "repeats links of the last receipt");
  const missingBytes = bytes - bytesOfLinks(links) - (before?.bytes ?? 0);
  if (missing === 0 ? missingBytes !== 0 : missingBytes < missing)
    return broken("inconsistent", "bytes do not follow from the last receipt and the links");
  if (bytes > grant.maxBytes) return broken("overflow", `more than the grant's ${grant.maxBytes} bytes`);
  return receiptDateFault(receipt, grant, nowMs) ?? clockFault(timestampMs, nowMs, CLOCK_TOLERANCE_MS);
}

/** What is wrong with a receipt's date, however long ago it came. */
export function receiptDateFault({ timestampMs }: Receipt, grant: Grant, nowMs: number): BrokenRule | null {
  if (timestampMs < grant.notBeforeMs - CLOCK_TOLERANCE_MS)
    return broken("clock-behind", "dated before its grant");
  if (timestampMs > grant.expiryMs + RECEIPT_GRACE_MS)
    return broken("clock-ahead", "dated after its grant's expiry");
  return clockFault(timestampMs, nowMs, Infinity);
}
