import { text } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_BYE_REASON_BYTES } from "../limits.ts";

/** The last message on a link. */
export const bye = message("bye", 0x10, { reason: text(MAX_BYE_REASON_BYTES) });
