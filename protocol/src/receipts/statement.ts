import { sessionKey } from "../codec/fields.ts";
import { choice, type Layout, record, u32, u64 } from "../codec/layout.ts";
import { fail, readUint, remainingBytes } from "../codec/reader.ts";
import { writeBytes, writeUint } from "../codec/writer.ts";
import { compareBytes, equalBytes } from "../bytes.ts";
import { MAX_OPAQUE_BYTES } from "../limits.ts";
import { type Link, linkRuns } from "./links.ts";
import { type Claim, claimFields, receiptMessage, wrongCounters } from "./receipt.ts";
import { type SignedMessage, signedMessage } from "./signed.ts";

/** The first byte of a sealed one. */
export const STATEMENT_TYPE = 3;
export const MAX_STATEMENT_ENTRIES = 64;
/** A downloader's without links. */
const ENTRY_BYTES_MIN = 67;
/** Of one entry; MAX_OPAQUE_BYTES bounds them all. */
export const MAX_STATEMENT_LINKS = 1_024;

/** What one side of a grant says of it. */
export interface StatementEntry extends Claim {
  readonly role: "downloader" | "uploader";
  /** Those since the last acknowledged statement: the chain's links from `segments - links.length` on. */
  readonly links: readonly Link[];
  /** The sealed receipt that proves an uploader's claim, and equals it; null for a downloader. */
  readonly receipt: Uint8Array | null;
}

export interface Statement {
  readonly sessionKey: Uint8Array;
  /** Of the grants it speaks of. */
  readonly epoch: number;
  /** 1, 2, 3 … for each session. */
  readonly seq: number;
  /** The tracker's clock, since 1970. */
  readonly timestampMs: number;
  /** From the CDN since the session began. */
  readonly cdnBytes: number;
  /** Ascending by grant id, each once. */
  readonly entries: readonly StatementEntry[];
}

const role = choice("downloader", "uploader");
const claim: Layout<Claim> = record(claimFields);
const links = linkRuns(MAX_STATEMENT_LINKS);

const isClaimOf = (entry: Claim, other: Claim) =>
  equalBytes(entry.grantId, other.grantId) &&
  equalBytes(entry.acc, other.acc) &&
  entry.seq === other.seq &&
  entry.bytes === other.bytes &&
  entry.segments === other.segments;

/** How one entry lies in a statement. */
export const statementEntry: Layout<StatementEntry> = {
  write(writer, entry, name) {
    role.write(writer, entry.role, `${name}.role`);
    const wrong = wrongCounters(entry);
    if (wrong !== null) throw new RangeError(`${name}: ${wrong}`);
    if (entry.role === "uploader") {
      const held = receiptMessage.parse(entry.receipt ?? new Uint8Array(0));
      if (!held.ok || !isClaimOf(entry, held.value))
        throw new RangeError(`${name}.receipt: expected the receipt of this claim`);
      writeBytes(writer, entry.receipt!);
    } else {
      if (entry.receipt !== null) throw new RangeError(`${name}.receipt: a downloader holds none`);
      claim.write(writer, entry, name);
    }
    links.write(writer, entry.links, `${name}.links`);
  },
  read(reader) {
    const side = role.read(reader);
    const held = side === "uploader" ? receiptMessage.read(reader) : null;
    const { grantId, seq, bytes, segments, acc } = held === null ? claim.read(reader) : held.value;
    const entry: StatementEntry = {
      role: side,
      grantId,
      seq,
      bytes,
      segments,
      acc,
      links: links.read(reader),
      receipt: held === null ? null : held.sealed,
    };
    const wrong = reader.failed ? null : wrongCounters(entry);
    if (wrong !== null) fail(reader, wrong, "inconsistent");
    return entry;
  },
};

const entries: Layout<readonly StatementEntry[]> = {
  write(writer, values, name) {
    if (values.length > MAX_STATEMENT_ENTRIES)
      throw new RangeError(`${name}: expected at most ${MAX_STATEMENT_ENTRIES}, got ${values.length}`);
    writeUint(writer, values.length, 2);
    for (const [at, value] of values.entries()) {
      if (at > 0 && compareBytes(values[at - 1]!.grantId, value.grantId) >= 0)
        throw new RangeError(`${name}: expected ascending grant ids`);
      statementEntry.write(writer, value, name);
    }
  },
  read(reader) {
    const count = readUint(reader, 2, 0xffff);
    if (count > MAX_STATEMENT_ENTRIES)
      fail(reader, `more than ${MAX_STATEMENT_ENTRIES} entries`, "wrong-length");
    if (ENTRY_BYTES_MIN * count > remainingBytes(reader)) fail(reader, "truncated", "wrong-length");
    const values: StatementEntry[] = [];
    while (values.length < count && !reader.failed) {
      const value = statementEntry.read(reader);
      if (reader.failed) break;
      const before = values.at(-1);
      if (before !== undefined && compareBytes(before.grantId, value.grantId) >= 0)
        fail(reader, "grant ids do not ascend", "wrong-order");
      values.push(value);
    }
    return values;
  },
};

/** From each side to the tracker, under its session key: what it gave and got over the grants of one epoch. */
export const statementMessage: SignedMessage<Statement> = signedMessage(
  "statement",
  STATEMENT_TYPE,
  MAX_OPAQUE_BYTES,
  { sessionKey, epoch: u32, seq: u32, timestampMs: u64, cdnBytes: u64, entries },
  ({ seq }) => (seq === 0 ? "seq: counts from 1" : null),
);
