import { sha256 } from "@noble/hashes/sha2.js";

const encoder = new TextEncoder();

/**
 * The first four bytes, big-endian, of the SHA-256 of a UTF-8 text. Without waiting, for ids only: hls.js asks for a
 * segment in the same task in which its playlist arrived, and crypto.subtle would answer in a later one.
 */
export function digest32(text: string): number {
  const digest = sha256(encoder.encode(text));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}
