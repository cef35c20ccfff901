import { segmentId } from "../codec/fields.ts";
import { fixed } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { HASH_BYTES } from "../pieces.ts";

/**
 * A client's own bytes from the CDN contradict the root that it was given. The tracker says it to all others: nobody knows
 * who is right, so nobody relies on that root any more.
 */
export const rootConflict = message("root-conflict", 0x06, { segment: segmentId, name: fixed(HASH_BYTES) });
