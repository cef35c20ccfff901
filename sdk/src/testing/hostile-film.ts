import { createCipheriv, createHash } from "node:crypto";
import { CHUNK_BYTES, PIECE_BYTES, segmentKeyOf, type SegmentId, type SegmentKey } from "@tributary/protocol";
import type { SegmentInfo, TrackView } from "../core/model.ts";
import type { Digests } from "../adapters/crypto/digest.ts";

export const TRACK = 7;
const SEGMENT_MS = 4_000;
/** From less than a chunk to more than two pieces. */
const SIZE_MIN_BYTES = CHUNK_BYTES / 4;
const SIZE_MAX_BYTES = 2 * PIECE_BYTES + CHUNK_BYTES;

export interface FilmSegment {
  readonly info: SegmentInfo;
  readonly bytes: Uint8Array;
  readonly hashes: Uint8Array;
  /** The same seconds in another rendition. */
  readonly otherRendition: Uint8Array;
}

export interface Film {
  readonly view: TrackView;
  readonly segments: readonly FilmSegment[];
  segment(key: SegmentKey): FilmSegment;
}

/** Bytes that look random and are the same for the same name. */
function bytesOf(name: string, sizeBytes: number): Uint8Array {
  const key = createHash("sha256").update(name).digest().subarray(0, 16);
  return new Uint8Array(createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes)));
}

/** A film on demand whose playlist names the root of each segment. */
export async function createFilm(
  name: string,
  segmentCount: number,
  random: () => number,
  digests: Digests,
): Promise<Film> {
  const sizeBytes = () =>
    SIZE_MIN_BYTES + Math.floor(Math.pow(random(), 2) * (SIZE_MAX_BYTES - SIZE_MIN_BYTES));
  const segments: FilmSegment[] = [];
  for (let sequence = 0; sequence < segmentCount; sequence++) {
    const id: SegmentId = { track: TRACK, sequence, part: -1, fingerprint: sequence + 1 };
    const bytes = bytesOf(`${name} ${sequence}`, sizeBytes());
    const { hashes, root } = await digests.listOf(bytes);
    segments.push({
      bytes,
      hashes,
      otherRendition: bytesOf(`${name} ${sequence} other`, sizeBytes()),
      info: {
        id,
        key: segmentKeyOf(id),
        startMs: sequence * SEGMENT_MS,
        durationMs: SEGMENT_MS,
        source: { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null },
        root: { hash: root, sizeBytes: bytes.length },
      },
    });
  }
  const byKey = new Map(segments.map((segment) => [segment.info.key, segment]));
  return {
    segments,
    segment: (key) => byKey.get(key)!,
    view: {
      track: TRACK,
      kind: "main",
      live: false,
      targetDurationMs: SEGMENT_MS,
      partTargetMs: 0,
      segments: segments.map(({ info }) => info),
    },
  };
}
