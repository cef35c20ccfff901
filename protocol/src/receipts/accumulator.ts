import { fixedSegmentId } from "../codec/fields.ts";
import { encodeWith, fixed, record, u64 } from "../codec/layout.ts";
import type { SegmentId } from "../ids.ts";
import { HASH_BYTES } from "../pieces.ts";

/** Before the first link. */
export const EMPTY_ACC: Uint8Array = new Uint8Array(HASH_BYTES);

const ACC_PREIMAGE_BYTES = 92;

const preimage = record({
  acc: fixed(HASH_BYTES),
  segment: fixedSegmentId,
  root: fixed(HASH_BYTES),
  bytes: u64,
});

/**
 * The accumulator after one more link: SHA-256(acc 32 ‖ segment 20 ‖ root 32 ‖ bytes u64). Nobody can name the
 * same total with other segments, other content or another order.
 * @throws RangeError naming the field that is out of range.
 */
export function accumulate(
  sha256: (bytes: Uint8Array) => Uint8Array,
  acc: Uint8Array,
  segment: SegmentId,
  root: Uint8Array,
  bytes: number,
): Uint8Array {
  return sha256(encodeWith(preimage, { acc, segment, root, bytes }, "link", ACC_PREIMAGE_BYTES));
}
