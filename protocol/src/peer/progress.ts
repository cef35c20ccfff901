import { segmentId } from "../codec/fields.ts";
import { message } from "../codec/message.ts";
import { pieceSet } from "../codec/piece-set.ts";

/** A segment still arriving, and its pieces that can be asked for. None is a claim: "I am fetching this from the CDN". */
export const progress = message("progress", 0x04, { segment: segmentId, pieces: pieceSet });
