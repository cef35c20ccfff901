import { MAX_SEGMENT_BYTES, pieceSizeOf, PIECE_BYTES, type SegmentKey } from "@tributary/protocol";
import { createExtents, type Extents } from "./extents.ts";

/**
 * The bytes and piece lists of segments, in memory. The core knows what is complete and verified; the store only
 * keeps bytes, and sees to it that bytes of a peer never replace trusted ones.
 */
export interface SegmentStore {
  /** The size became known: the buffer is made to fit at once. */
  expect(segment: SegmentKey, sizeBytes: number): void;
  /** The true size is known from a transfer that reached the end; what a peer put beyond it is dropped. */
  finish(segment: SegmentKey, sizeBytes: number): void;
  /** From the CDN: trusted. */
  writeTrusted(segment: SegmentKey, offsetBytes: number, data: Uint8Array): void;
  /** From a peer: fills only what no trusted byte covers. */
  writeUntrusted(segment: SegmentKey, offsetBytes: number, sizeBytes: number, data: Uint8Array): void;
  /** One piece, sealed against untrusted writes until `unseal`: what was digested is what will be played. */
  sealPiece(segment: SegmentKey, piece: number): Uint8Array | null;
  unsealPiece(segment: SegmentKey, piece: number): void;
  /** A view, null where these bytes were never stored. Valid until the next write. */
  slice(segment: SegmentKey, offsetBytes: number, lengthBytes: number): Uint8Array | null;
  /** All of a segment as a view, null where its end was never stored. */
  whole(segment: SegmentKey): Uint8Array | null;
  /** A buffer of its own, which the player may transfer. */
  copyOf(segment: SegmentKey, sizeBytes: number): ArrayBuffer | null;
  keepHashes(segment: SegmentKey, sizeBytes: number, hashes: Uint8Array): void;
  hashesOf(segment: SegmentKey): { readonly sizeBytes: number; readonly hashes: Uint8Array } | null;
  evict(segment: SegmentKey): void;
  clear(): void;
  /** Memory held by the buffers. */
  heldBytes(): number;
}

interface Entry {
  buffer: Uint8Array<ArrayBuffer>;
  /** End of what was written; the buffer may be longer. */
  endBytes: number;
  sizeBytes: number | null;
  readonly trusted: Extents;
  hashes: Uint8Array | null;
}

/** First guess where the size is unknown: a second of 4 Mbit/s video. */
const growFromBytes = 512 * 1024;

export function createSegmentStore(): SegmentStore {
  const entries = new Map<SegmentKey, Entry>();

  function entryOf(segment: SegmentKey): Entry {
    const known = entries.get(segment);
    if (known !== undefined) return known;
    const entry: Entry = {
      buffer: new Uint8Array(0),
      endBytes: 0,
      sizeBytes: null,
      trusted: createExtents(),
      hashes: null,
    };
    entries.set(segment, entry);
    return entry;
  }

  function makeRoom(entry: Entry, neededBytes: number, exact: boolean): void {
    if (entry.buffer.length >= neededBytes) return;
    const room = exact ? neededBytes : Math.max(neededBytes, entry.buffer.length * 2, growFromBytes);
    const buffer = new Uint8Array(room);
    buffer.set(entry.buffer.subarray(0, entry.endBytes));
    entry.buffer = buffer;
  }

  function put(entry: Entry, offsetBytes: number, data: Uint8Array): void {
    const end = offsetBytes + data.length;
    makeRoom(entry, end, false);
    entry.buffer.set(data, offsetBytes);
    entry.endBytes = Math.max(entry.endBytes, end);
  }

  function expect(segment: SegmentKey, sizeBytes: number): void {
    const entry = entryOf(segment);
    entry.sizeBytes = sizeBytes;
    // A server may claim any size: beyond what a segment can be, the buffer grows with the bytes that really come.
    if (sizeBytes <= MAX_SEGMENT_BYTES) makeRoom(entry, sizeBytes, true);
  }

  function pieceBounds(entry: Entry, piece: number): [start: number, end: number] {
    const start = piece * PIECE_BYTES;
    return [start, start + (entry.sizeBytes === null ? PIECE_BYTES : pieceSizeOf(entry.sizeBytes, piece))];
  }

  return {
    expect,
    finish(segment, sizeBytes) {
      // An empty resource has written nothing before.
      const entry = entryOf(segment);
      entry.sizeBytes = sizeBytes;
      entry.endBytes = Math.min(entry.endBytes, sizeBytes);
    },
    writeTrusted(segment, offsetBytes, data) {
      const entry = entryOf(segment);
      put(entry, offsetBytes, data);
      entry.trusted.add(offsetBytes, offsetBytes + data.length);
    },
    writeUntrusted(segment, offsetBytes, sizeBytes, data) {
      if (sizeBytes > MAX_SEGMENT_BYTES || offsetBytes + data.length > sizeBytes) return;
      const entry = entryOf(segment);
      if (entry.sizeBytes === null) expect(segment, sizeBytes);
      for (const [start, end] of entry.trusted.gapsIn(offsetBytes, offsetBytes + data.length)) {
        put(entry, start, data.subarray(start - offsetBytes, end - offsetBytes));
      }
    },
    sealPiece(segment, piece) {
      const entry = entries.get(segment);
      if (entry === undefined) return null;
      const [start, end] = pieceBounds(entry, piece);
      if (end <= start || end > entry.endBytes) return null;
      entry.trusted.add(start, end);
      return entry.buffer.subarray(start, end);
    },
    unsealPiece(segment, piece) {
      const entry = entries.get(segment);
      if (entry !== undefined) entry.trusted.remove(...pieceBounds(entry, piece));
    },
    slice(segment, offsetBytes, lengthBytes) {
      const entry = entries.get(segment);
      if (entry === undefined || offsetBytes + lengthBytes > entry.endBytes) return null;
      return entry.buffer.subarray(offsetBytes, offsetBytes + lengthBytes);
    },
    whole(segment) {
      const entry = entries.get(segment);
      const sizeBytes = entry?.sizeBytes ?? entry?.endBytes;
      if (entry === undefined || sizeBytes === undefined || sizeBytes > entry.endBytes) return null;
      return entry.buffer.subarray(0, sizeBytes);
    },
    copyOf(segment, sizeBytes) {
      const entry = entries.get(segment);
      if (entry === undefined || entry.endBytes < sizeBytes) return null;
      return entry.buffer.slice(0, sizeBytes).buffer;
    },
    keepHashes(segment, sizeBytes, hashes) {
      const entry = entryOf(segment);
      entry.sizeBytes = sizeBytes;
      entry.hashes = hashes;
    },
    hashesOf(segment) {
      const entry = entries.get(segment);
      if (entry === undefined || entry.hashes === null || entry.sizeBytes === null) return null;
      return { sizeBytes: entry.sizeBytes, hashes: entry.hashes };
    },
    evict: (segment) => void entries.delete(segment),
    clear: () => entries.clear(),
    heldBytes: () => [...entries.values()].reduce((sum, entry) => sum + entry.buffer.length, 0),
  };
}
