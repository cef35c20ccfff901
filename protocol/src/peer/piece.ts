import { requestId } from "../codec/fields.ts";
import { varint, view } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_CHUNK_BYTES, MAX_SEGMENT_BYTES } from "../pieces.ts";

/** One chunk of the answer to a REQUEST. */
export const piece = message("piece", 0x06, {
  requestId,
  /** In the segment. */
  offsetBytes: varint(MAX_SEGMENT_BYTES),
  /** After decoding a view of the received frame. */
  data: view(MAX_CHUNK_BYTES),
});
