import { segmentId, sizeBytes } from "../codec/fields.ts";
import { message } from "../codec/message.ts";

/** A segment still arriving. Zero bytes available is a claim: "I am fetching this from the CDN". */
export const progress = message("progress", 0x04, {
  segment: segmentId,
  /** Zero while unknown. */
  sizeBytes,
  availableBytes: sizeBytes,
});
