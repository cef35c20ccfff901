import { sessionKey } from "../codec/fields.ts";
import type { Decoded } from "../codec/decode.ts";
import { record, refined, u32, uint } from "../codec/layout.ts";
import { createReader, fail, remainingBytes } from "../codec/reader.ts";
import { SIGNATURE_BYTES } from "./signed.ts";
import { type Statement, STATEMENT_TYPE } from "./statement.ts";

/** How every statement begins. */
export const statementType = refined(uint(1, 0xff), (value) => value === STATEMENT_TYPE, "a statement");
const head = record({ type: statementType, sessionKey, epoch: u32, seq: u32 });

/** Whose statement it is and of when, from its first bytes: for who keeps what somebody else has read in full. */
export function readStatementHead(
  sealed: Uint8Array,
): Decoded<Pick<Statement, "sessionKey" | "epoch" | "seq">> {
  const reader = createReader(sealed);
  const { sessionKey, epoch, seq } = head.read(reader);
  if (!reader.failed && remainingBytes(reader) < SIGNATURE_BYTES) fail(reader, "truncated");
  return reader.failed
    ? { ok: false, reason: reader.reason }
    : { ok: true, value: { sessionKey, epoch, seq } };
}
