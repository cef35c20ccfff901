/** What kind of mistake a message holds, by the codes of the tracker's ERROR. */
export type Fault =
  "bad-message" | "wrong-length" | "wrong-type" | "wrong-order" | "overflow" | "inconsistent";

/**
 * A cursor over untrusted bytes. No function here throws: the first bad read sets `failed` and its
 * `reason`, and from then on every read gives a zero value.
 */
export interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  failed: boolean;
  reason: string;
  fault: Fault;
}

export function createReader(bytes: Uint8Array): Reader {
  return { bytes, at: 0, failed: false, reason: "", fault: "bad-message" };
}

/** Keeps the first reason. Returns zero, so that a failing read can end with it. */
export function fail(reader: Reader, reason: string, fault: Fault = "bad-message"): 0 {
  if (!reader.failed) {
    reader.failed = true;
    reader.reason = reason;
    reader.fault = fault;
  }
  return 0;
}

export function remainingBytes(reader: Reader): number {
  return reader.bytes.length - reader.at;
}

/** A view of the input, not a copy. */
export function readView(reader: Reader, length: number): Uint8Array {
  if (!reader.failed && length > remainingBytes(reader)) fail(reader, "truncated", "wrong-length");
  if (reader.failed) return new Uint8Array(0);
  return reader.bytes.subarray(reader.at, (reader.at += length));
}

/** A copy, made byte by byte: of so few, a view of the input and a copy of that cost three times as much. */
export function readCopy(reader: Reader, length: number): Uint8Array<ArrayBuffer> {
  if (!reader.failed && length > remainingBytes(reader)) fail(reader, "truncated", "wrong-length");
  if (reader.failed) return new Uint8Array(0);
  const copy = new Uint8Array(length);
  for (let at = 0; at < length; at++) copy[at] = reader.bytes[reader.at++]!;
  return copy;
}

export function readByte(reader: Reader): number {
  if (reader.failed || reader.at >= reader.bytes.length) return fail(reader, "truncated", "wrong-length");
  return reader.bytes[reader.at++]!;
}

/** LEB128, at most 2^53 - 1, and only in its shortest form. */
export function readVarint(reader: Reader, max: number): number {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < 8; index++) {
    const byte = readByte(reader);
    if (reader.failed) return 0;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte >= 0x80) continue;
    if (byte === 0 && index > 0) return fail(reader, "varint is not in its shortest form");
    return value <= max ? value : fail(reader, `above ${max}`);
  }
  return fail(reader, "varint is too long");
}

/** Big-endian and `width` bytes wide. */
export function readUint(reader: Reader, width: number, max: number): number {
  if (!reader.failed && width > remainingBytes(reader)) fail(reader, "truncated", "wrong-length");
  if (reader.failed) return 0;
  let value = 0;
  for (const end = reader.at + width; reader.at < end; reader.at++)
    value = value * 0x100 + reader.bytes[reader.at]!;
  return value <= max ? value : fail(reader, `above ${max}`, "overflow");
}
