import { fixedSegmentId } from "../codec/fields.ts";
import { encodeWith, fixed, list, record, uint, type ValueOf } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { SWARM_ID_BYTES, type SwarmId } from "../ids.ts";
import { MAX_ROOTS } from "../limits.ts";
import { HASH_BYTES, MAX_SEGMENT_BYTES } from "../pieces.ts";
import { domainSeparated } from "../preimages.ts";

/** 92 bytes. These lie in signed bytes, hence no varints. */
const segmentRoot = record({
  segment: fixedSegmentId,
  /** SHA-256 of the name of what was fetched: the fingerprint binds nothing, 32 bits are searched through in minutes. */
  name: fixed(HASH_BYTES),
  sizeBytes: uint(8, MAX_SEGMENT_BYTES),
  root: fixed(HASH_BYTES),
});

export type SegmentRoot = ValueOf<typeof segmentRoot>;

const roots = list(segmentRoot, MAX_ROOTS);

/** From the tracker: roots of its verifier, under one signature over `rootsPreimage`. */
export const hashes = message("hashes", 0x85, { roots, signature: fixed(64) });

/** "tributary/roots/v1\0" ‖ swarm 32 ‖ the roots of 92 bytes each. @throws RangeError naming the field. */
export function rootsPreimage(swarm: SwarmId, values: readonly SegmentRoot[]): Uint8Array<ArrayBuffer> {
  if (swarm.length !== SWARM_ID_BYTES) throw new RangeError(`swarm: expected 32 bytes, got ${swarm.length}`);
  const encoded = values.map((value) => encodeWith(segmentRoot, value, "roots", 92));
  return domainSeparated("roots", swarm, ...encoded);
}
