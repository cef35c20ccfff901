import {
  type BrokenRule,
  type Claim,
  CLOCK_TOLERANCE_MS,
  encodeHex,
  equalBytes,
  type Grant,
  receiptDateFault,
  receiptMessage,
  type Statement,
  type StatementEntry,
} from "@tributary/protocol";
import type { AccountingConfig } from "./config.ts";
import { isOpenEpoch } from "./epochs.ts";
import type { GrantRecord, LastClaim } from "./model.ts";

/** The first rule that a statement's entries break, held against their grants; signatures are not looked at. */
export function faultOfEntries(
  statement: Statement,
  records: readonly (GrantRecord | null)[],
  rules: AccountingConfig,
  nowMs: number,
): BrokenRule | null {
  // It may have closed while the signatures were checked.
  if (!isOpenEpoch(rules.epochMs, statement.epoch, nowMs))
    return { code: "wrong-epoch", reason: `epoch ${statement.epoch} is not open` };
  for (const [at, entry] of statement.entries.entries()) {
    const wrong = faultOfEntry(records[at] ?? null, statement, entry, nowMs);
    if (wrong !== null)
      return { code: wrong.code, reason: `grant ${encodeHex(entry.grantId)}: ${wrong.reason}` };
  }
  return null;
}

function faultOfEntry(
  record: GrantRecord | null,
  { sessionKey, epoch }: Statement,
  entry: StatementEntry,
  nowMs: number,
): BrokenRule | null {
  if (record === null) return { code: "unknown-grant", reason: "not issued here" };
  const { grant } = record;
  const own = entry.role === "uploader" ? grant.uploaderKey : grant.downloaderKey;
  if (!equalBytes(own, sessionKey))
    return { code: "wrong-key", reason: `another session is its ${entry.role}` };
  if (grant.epoch !== epoch) return { code: "wrong-epoch", reason: `it is of epoch ${grant.epoch}` };
  if (entry.bytes > grant.maxBytes)
    return { code: "overflow", reason: `more than its ${grant.maxBytes} bytes` };
  if (nowMs < grant.notBeforeMs - CLOCK_TOLERANCE_MS)
    return { code: "clock-ahead", reason: "it has not begun" };
  return faultOfHeld(entry, grant, nowMs) ?? faultOfOrder(entry, record[entry.role]);
}

function faultOfHeld(entry: StatementEntry, grant: Grant, nowMs: number): BrokenRule | null {
  if (entry.receipt === null) return null;
  const held = receiptMessage.parse(entry.receipt);
  return held.ok ? receiptDateFault(held.value, grant, nowMs) : { code: held.fault, reason: held.reason };
}

/** Claims are cumulative: none of the counters goes back. */
function faultOfOrder(claim: Claim, before: LastClaim | null): BrokenRule | null {
  if (before === null) return null;
  const { seq, bytes, segments } = claim;
  if (seq < before.seq || bytes < before.bytes || segments < before.segments)
    return { code: "replayed", reason: "its counters go back" };
  const isSame = seq === before.seq;
  const grew = bytes !== before.bytes || segments !== before.segments || !equalBytes(claim.acc, before.acc);
  return isSame && grew ? { code: "inconsistent", reason: `two claims for receipt ${seq}` } : null;
}
