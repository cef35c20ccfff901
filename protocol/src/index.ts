export * from "./base64url.ts";
export type { Decoded } from "./codec/decode.ts";
export * from "./codec/layout.ts";
export * from "./codec/reader.ts";
export * from "./codec/writer.ts";
export * from "./bytes.ts";
export * from "./hex.ts";
export * from "./ice-url.ts";
export * from "./ids.ts";
export * from "./json-object.ts";
export * from "./limits.ts";
export * from "./name-hash.ts";
export * from "./peer/messages.ts";
export type { Position } from "./peer/position.ts";
export type { RejectReason } from "./peer/reject.ts";
export * from "./pieces.ts";
export * from "./preimages.ts";
export * from "./receipts/accumulator.ts";
export * from "./receipts/delegation.ts";
export * from "./receipts/grant.ts";
export { bytesOfLinks, type Link } from "./receipts/links.ts";
export { MAX_RECEIPT_LINKS, receiptMessage, type Claim, type Receipt } from "./receipts/receipt.ts";
export * from "./receipts/resume-ticket.ts";
export { SIGNATURE_BYTES, type Parsed, type SignedMessage } from "./receipts/signed.ts";
export * from "./receipts/rules.ts";
export * from "./receipts/statement-entries.ts";
export { readStatementHead } from "./receipts/statement-head.ts";
export {
  MAX_STATEMENT_ENTRIES,
  MAX_STATEMENT_LINKS,
  statementMessage,
  type Statement,
  type StatementEntry,
} from "./receipts/statement.ts";
export * from "./resource-name.ts";
export * from "./signal/candidate.ts";
export * from "./signal/description.ts";
export type { AskedSegment } from "./tracker/asked-hashes.ts";
export type { ErrorCode } from "./tracker/error.ts";
export { rootsPreimage, type SegmentRoot } from "./tracker/hashes.ts";
export type { Role } from "./tracker/join.ts";
export * from "./tracker/messages.ts";
export type { NamedPeer } from "./tracker/peers.ts";
export type { QosIndicator } from "./tracker/qos.ts";
export type { SignalKind } from "./tracker/signal.ts";
export type { IceServer } from "./tracker/welcome.ts";
export * from "./uplink-class.ts";
export * from "./utf8.ts";
