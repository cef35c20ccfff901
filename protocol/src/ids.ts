import { decodeHex, encodeHex } from "./hex.ts";

/** u32: first four bytes of SHA-256 of the media playlist's path. */
export type TrackId = number;
/** 16 bytes: SHA-256 of the session's public key, truncated. */
export type PeerId = Uint8Array;
/** 32 bytes, handed out by the tracker. */
export type SwarmId = Uint8Array;

declare const brand: unique symbol;
/** Lower-case hex of a PeerId, 32 characters: a PeerId that can be a map key. */
export type PeerKey = string & { readonly [brand]: "PeerKey" };
/** "<track hex8>.<sequence>.<part>.<fingerprint hex8>": a SegmentId that can be a map key. */
export type SegmentKey = string & { readonly [brand]: "SegmentKey" };

export interface SegmentId {
  readonly track: TrackId;
  /** Media sequence number, from 0 to 2^53 - 1. */
  readonly sequence: number;
  /** WHOLE_SEGMENT, or the index of an LL-HLS part. */
  readonly part: number;
  /** u32: first four bytes of SHA-256 of the segment's path and byte range. */
  readonly fingerprint: number;
}

export const WHOLE_SEGMENT = -1;
/** Far above any playlist's parts per segment; it bounds what a part costs on the wire to three bytes. */
export const MAX_PART = 0xffff;

export const PEER_ID_BYTES = 16;
export const SWARM_ID_BYTES = 32;
export const SESSION_KEY_BYTES = 32;

export function peerKeyOf(id: Uint8Array): PeerKey {
  if (id.length !== PEER_ID_BYTES)
    throw new RangeError(`id: expected ${PEER_ID_BYTES} bytes, got ${id.length}`);
  return encodeHex(id) as PeerKey;
}

export function peerIdOf(key: PeerKey): Uint8Array<ArrayBuffer> {
  const id = decodeHex(key);
  if (id?.length !== PEER_ID_BYTES) throw new RangeError("key: expected 32 lower-case hex digits");
  return id;
}

const hex8 = (value: number) => value.toString(16).padStart(8, "0");

/** The keys written last: every message about a segment needs its key, and few segments are spoken of at a time. */
const written: ({ readonly id: SegmentId; readonly key: SegmentKey } | undefined)[] = [];
const writtenMax = 64;

export function segmentKeyOf(id: SegmentId): SegmentKey {
  const { track, sequence, part, fingerprint } = id;
  const place = (sequence ^ (part * 7)) & (writtenMax - 1);
  const last = written[place];
  if (
    last !== undefined &&
    last.id.sequence === sequence &&
    last.id.fingerprint === fingerprint &&
    last.id.part === part &&
    last.id.track === track
  )
    return last.key;
  const key = `${hex8(track)}.${sequence}.${part}.${hex8(fingerprint)}` as SegmentKey;
  written[place] = { id: { track, sequence, part, fingerprint }, key };
  return key;
}

/** Null for anything that `segmentKeyOf` does not write. */
export function segmentIdOf(key: SegmentKey): SegmentId | null {
  const match = /^([0-9a-f]{8})\.(0|[1-9]\d{0,15})\.(-1|0|[1-9]\d{0,4})\.([0-9a-f]{8})$/.exec(key);
  if (match === null) return null;
  const sequence = Number(match[2]);
  const part = Number(match[3]);
  if (sequence > Number.MAX_SAFE_INTEGER || part > MAX_PART) return null;
  return { track: parseInt(match[1]!, 16), sequence, part, fingerprint: parseInt(match[4]!, 16) };
}
