import { segmentId, sizeBytes } from "../codec/fields.ts";
import { bytes, refined } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { HASH_BYTES, MAX_PIECES, pieceCountOf } from "../pieces.ts";

const unchecked = message("piece-hashes", 0x07, {
  segment: segmentId,
  sizeBytes,
  hashes: bytes(HASH_BYTES * MAX_PIECES),
});

/** A segment's piece list, sent ahead of its first PIECE: one SHA-256 for every piece of `sizeBytes`. */
export const pieceHashes = {
  ...unchecked,
  body: refined(
    unchecked.body,
    ({ sizeBytes, hashes }) => hashes.length === HASH_BYTES * pieceCountOf(sizeBytes),
    "hashes of 32 bytes for each piece of sizeBytes",
  ),
};
