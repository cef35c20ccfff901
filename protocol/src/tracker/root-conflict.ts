import { segmentId } from "../codec/fields.ts";
import { fixed } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { HASH_BYTES } from "../pieces.ts";

/** The client's own bytes from the CDN contradict the root it was given. */
export const rootConflict = message("root-conflict", 0x06, { segment: segmentId, name: fixed(HASH_BYTES) });
