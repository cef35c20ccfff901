import { bytes } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_OPAQUE_BYTES } from "../limits.ts";

/** Reserved: opaque at this layer. */
export const order = message("order", 0x86, { bytes: bytes(MAX_OPAQUE_BYTES) });
