import { segmentId } from "../codec/fields.ts";
import { list, record, text, type ValueOf, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_ASKED_ROOTS, MAX_URL_BYTES } from "../limits.ts";

const askedSegment = record({
  id: segmentId,
  url: text(MAX_URL_BYTES),
  rangeStart: varint(),
  /** Zero: the whole resource. */
  rangeLength: varint(),
});

export type AskedSegment = ValueOf<typeof askedSegment>;

/** From the client: asks the verifier for the roots of these segments. */
export const askedHashes = message("hashes", 0x05, { segments: list(askedSegment, MAX_ASKED_ROOTS) });
