import { requestId } from "../codec/fields.ts";
import { choice, type ValueOf } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

const reason = choice("not-held", "busy", "too-late", "choked", "upload-off", "gone");

export type RejectReason = ValueOf<typeof reason>;

/** From the holder, at once, so that the asker loses no time. */
export const reject = message("reject", 0x09, { requestId, reason });
