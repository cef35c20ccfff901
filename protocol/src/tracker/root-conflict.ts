import { segmentId } from "../codec/fields.ts";
import { message } from "../codec/message.ts";

/** The client's own bytes from the CDN contradict the root it was given. */
export const rootConflict = message("root-conflict", 0x06, { segment: segmentId });
