import { requestId, segmentId } from "../codec/fields.ts";
import { bool, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_PIECES } from "../pieces.ts";

export const request = message("request", 0x05, {
  /** Chosen by the asker, unique on this link. */
  requestId,
  segment: segmentId,
  firstPiece: varint(MAX_PIECES - 1),
  /** Zero: to the end of the segment. */
  pieceCount: varint(MAX_PIECES),
  /** From now. */
  deadlineMs: varint(),
  /** The asker has no list of the segment's pieces yet and has not asked for one here. */
  wantsList: bool,
});
