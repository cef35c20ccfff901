import { message } from "../codec/message.ts";
import { segmentSet } from "../codec/segment-set.ts";
import { MAX_HAVE_SEGMENTS } from "../limits.ts";
import { position } from "./position.ts";

/** What changed since the last HAVE or BITFIELD. Sets: order and repetition mean nothing. */
export const have = message("have", 0x02, {
  position,
  added: segmentSet(MAX_HAVE_SEGMENTS),
  removed: segmentSet(MAX_HAVE_SEGMENTS),
});
