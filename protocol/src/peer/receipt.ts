import { bytes } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_RECEIPT_BYTES } from "../limits.ts";

/** Signed proof of what the sender got from the other side. Opaque at this layer. */
export const receipt = message("receipt", 0x0b, { bytes: bytes(MAX_RECEIPT_BYTES) });
