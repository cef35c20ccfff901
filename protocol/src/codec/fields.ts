import { type Layout, bytes, fixed, record, refined, u32, uint, varint } from "./layout.ts";
import { MAX_PART, PEER_ID_BYTES, SESSION_KEY_BYTES, type SegmentId } from "../ids.ts";
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

/** -1 stands for the whole segment, so parts are one up on the wire. */
function oneUp(layout: Layout<number>): Layout<number> {
  return {
    write: (writer, value, name) => layout.write(writer, value + 1, name),
    read: (reader) => layout.read(reader) - 1,
  };
}

export const part = oneUp(varint(MAX_PART + 1));
/** For signed bytes, where every field has one width. */
export const fixedPart = oneUp(uint(4, MAX_PART + 1));

export const segmentId: Layout<SegmentId> = record({
  track: u32,
  sequence: varint(),
  part,
  fingerprint: u32,
});
