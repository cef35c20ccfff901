import { domainSeparated } from "./preimages.ts";

/** What one hash covers and one request counts in. */
export const PIECE_BYTES = 65_536;
/** What one PIECE message carries where the line is slow: small enough that who waits for it hears of it in time. */
export const CHUNK_BYTES = 16_384;
/** And at most: a whole piece. */
export const MAX_CHUNK_BYTES = PIECE_BYTES;
/** 4 s at 134 Mbit/s. Its piece list takes 32 KiB, so that it fits one message. */
export const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
export const MAX_PIECES = MAX_SEGMENT_BYTES / PIECE_BYTES;
export const HASH_BYTES = 32;

export function pieceCountOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / PIECE_BYTES);
}

/** All pieces are full but the last. Zero outside the segment. */
export function pieceSizeOf(sizeBytes: number, piece: number): number {
  return Math.max(0, Math.min(PIECE_BYTES, sizeBytes - piece * PIECE_BYTES));
}

/** The set of pieces below `count` that `includes` names, as PROGRESS carries it. */
export function pieceSetOf(count: number, includes: (piece: number) => boolean): Uint8Array {
  let last = count - 1;
  while (last >= 0 && !includes(last)) last -= 1;
  const set = new Uint8Array((last >> 3) + 1);
  for (let piece = 0; piece <= last; piece++) if (includes(piece)) set[piece >> 3]! |= 1 << (piece & 7);
  return set;
}

export function hasPiece(set: Uint8Array, piece: number): boolean {
  return ((set[piece >> 3] ?? 0) & (1 << (piece & 7))) !== 0;
}

/** Every piece of `part` is in `whole` too. */
export function includesSet(whole: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at < part.length; at++) if ((part[at]! & ~(whole[at] ?? 0)) !== 0) return false;
  return true;
}

export function setSizeOf(set: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < set.length; at++) for (let byte = set[at]!; byte > 0; byte &= byte - 1) count += 1;
  return count;
}

/**
 * The bytes whose SHA-256 is a segment's root: "tributary/pieces/v1\0" ‖ size u64 ‖ hashes.
 * @throws RangeError where `hashes` is not one SHA-256 per piece of `sizeBytes`.
 */
export function rootPreimage(sizeBytes: number, hashes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > MAX_SEGMENT_BYTES)
    throw new RangeError(`sizeBytes: expected an integer from 0 to ${MAX_SEGMENT_BYTES}, got ${sizeBytes}`);
  if (hashes.length !== HASH_BYTES * pieceCountOf(sizeBytes))
    throw new RangeError(`hashes: expected ${HASH_BYTES} bytes per piece, got ${hashes.length}`);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(4, sizeBytes);
  return domainSeparated("pieces", size, hashes);
}
