import { u32 } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

/** Repeats the nonce of the PING it answers. */
export const pong = message("pong", 0x8a, { nonce: u32 });
