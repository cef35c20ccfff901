import type { Decoded } from "../codec/decode.ts";
import { sessionKey } from "../codec/fields.ts";
import { record, u32, u64 } from "../codec/layout.ts";
import { createReader, readUint, remainingBytes } from "../codec/reader.ts";
import { SIGNATURE_BYTES } from "./signed.ts";
import { statementType } from "./statement-head.ts";
import { type Statement, type StatementEntry, statementEntry } from "./statement.ts";

/** All that a statement says before its entries. */
const beginning = record({
  type: statementType,
  sessionKey,
  epoch: u32,
  seq: u32,
  timestampMs: u64,
  cdnBytes: u64,
});

/** A statement taken apart, for who sorts entries by their grants before they are read. */
export interface SplitStatement extends Pick<Statement, "sessionKey" | "cdnBytes"> {
  /** `bytes` is a view of the statement, which `readStatementEntries` reads. */
  readonly entries: readonly { readonly grantId: Uint8Array; readonly bytes: Uint8Array }[];
}

/** Takes apart what `statementMessage` can read. */
export function splitStatement(sealed: Uint8Array): Decoded<SplitStatement> {
  const reader = createReader(sealed);
  const { sessionKey, cdnBytes } = beginning.read(reader);
  const count = readUint(reader, 2, 0xffff);
  const entries: { grantId: Uint8Array; bytes: Uint8Array }[] = [];
  while (entries.length < count && !reader.failed) {
    const start = reader.at;
    const { grantId } = statementEntry.read(reader);
    entries.push({ grantId, bytes: sealed.subarray(start, reader.at) });
  }
  if (!reader.failed && remainingBytes(reader) !== SIGNATURE_BYTES)
    return { ok: false, reason: "another length than its entries'" };
  return reader.failed
    ? { ok: false, reason: reader.reason }
    : { ok: true, value: { sessionKey, cdnBytes, entries } };
}

/** Entries one after another, as `splitStatement` gives them. */
export function readStatementEntries(bytes: Uint8Array): Decoded<StatementEntry[]> {
  const reader = createReader(bytes);
  const entries: StatementEntry[] = [];
  while (!reader.failed && remainingBytes(reader) > 0) entries.push(statementEntry.read(reader));
  return reader.failed ? { ok: false, reason: reader.reason } : { ok: true, value: entries };
}
