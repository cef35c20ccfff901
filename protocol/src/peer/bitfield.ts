import { message } from "../codec/message.ts";
import { segmentSet } from "../codec/segment-set.ts";
import { MAX_BITFIELD_SEGMENTS } from "../limits.ts";
import { position } from "./position.ts";

/** Everything the sender holds and has verified; it replaces what earlier messages said. */
export const bitfield = message("bitfield", 0x03, {
  position,
  segments: segmentSet(MAX_BITFIELD_SEGMENTS),
});
