import { PIECE_BYTES, pieceCountOf } from "@tributary/protocol";
import type { Digests } from "../adapters/crypto/digest.ts";
import type { Film, FilmSegment } from "./hostile-film.ts";

/** Every way of T2 to pass off bytes that are not the segment's. */
export const KINDS = ["bit flip", "truncation", "wrong rendition", "old segment"] as const;
export type Kind = (typeof KINDS)[number];

/** What a hostile peer answers for a segment. */
export interface Lie {
  readonly sizeBytes: number;
  readonly hashes: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * A lie of that kind. Half of them come with the true list of pieces, so that the list is believed and the piece lies;
 * half with the list and size that fit the false bytes, so that each piece is as its list says.
 */
export async function lieAbout(
  kind: Kind,
  segment: FilmSegment,
  film: Film,
  random: () => number,
  digests: Digests,
): Promise<Lie> {
  const truth = segment.bytes;
  const bytes = falseBytes(kind, segment, film, random);
  if (random() < 0.5) return { sizeBytes: bytes.length, bytes, hashes: (await digests.listOf(bytes)).hashes };
  return {
    sizeBytes: truth.length,
    hashes: segment.hashes,
    bytes: shaped(kind, bytes, truth.length, random),
  };
}

function falseBytes(
  kind: Kind,
  { bytes, info, otherRendition }: FilmSegment,
  film: Film,
  random: () => number,
) {
  switch (kind) {
    case "bit flip":
      return flipped(bytes, random);
    case "truncation":
      return bytes.slice(0, 1 + Math.floor(random() * (bytes.length - 1)));
    case "wrong rendition":
      return otherRendition;
    case "old segment": {
      const { length } = film.segments;
      return film.segments[(info.id.sequence + length - 1) % length]!.bytes;
    }
  }
}

/** One bit of every piece, whichever is asked for. */
function flipped(truth: Uint8Array, random: () => number): Uint8Array {
  const bytes = truth.slice();
  for (let piece = 0; piece < pieceCountOf(bytes.length); piece++) {
    const start = piece * PIECE_BYTES;
    const at = start + Math.floor(random() * (Math.min(bytes.length, start + PIECE_BYTES) - start));
    bytes[at]! ^= 1 << Math.floor(random() * 8);
  }
  return bytes;
}

/** As long as the true segment, so that it fills the pieces of the true list; what is truncated may also just end. */
function shaped(kind: Kind, bytes: Uint8Array, sizeBytes: number, random: () => number): Uint8Array {
  if (bytes.length >= sizeBytes) return bytes.subarray(0, sizeBytes);
  if (kind === "truncation" && random() < 0.5) return bytes;
  const filled = new Uint8Array(sizeBytes);
  filled.set(bytes);
  return filled;
}
