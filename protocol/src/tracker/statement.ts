import { bytes } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_OPAQUE_BYTES } from "../limits.ts";

/** The session's signed account of what it gave and got. Opaque at this layer. */
export const statement = message("statement", 0x04, { bytes: bytes(MAX_OPAQUE_BYTES) });
