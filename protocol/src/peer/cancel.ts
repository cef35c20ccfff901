import { requestId } from "../codec/fields.ts";
import { message } from "../codec/message.ts";

/** From the asker: send nothing more of it. */
export const cancel = message("cancel", 0x08, { requestId });
