import { type Layout, bytes, fixed, record, refined, u32, u64, uint, varint } from "./layout.ts";
import { MAX_PART, PEER_ID_BYTES, SESSION_KEY_BYTES, type SegmentId, WHOLE_SEGMENT } from "../ids.ts";
import { MAX_SEGMENT_BYTES } from "../pieces.ts";

export const peerId = fixed(PEER_ID_BYTES);
export const sessionKey = fixed(SESSION_KEY_BYTES);
export const sizeBytes = varint(MAX_SEGMENT_BYTES);
export const requestId = varint(0xffff_ffff);

/** Ed25519, or nothing where the browser lacks it. */
export const optionalSignature = refined(
  bytes(64),
  ({ length }) => length === 0 || length === 64,
  "64 bytes or none",
);

/** One up on the wire: zero is the whole segment. */
export const part = varint(MAX_PART, WHOLE_SEGMENT);

export const segmentId: Layout<SegmentId> = record({
  track: u32,
  sequence: varint(),
  part,
  fingerprint: u32,
});

/** The same in 20 bytes, for what is signed or hashed: no varints there. */
export const fixedSegmentId: Layout<SegmentId> = record({
  track: u32,
  sequence: u64,
  part: uint(4, MAX_PART, WHOLE_SEGMENT),
  fingerprint: u32,
});
