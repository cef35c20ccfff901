import { u32 } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

/** Reserved: what `of` numbers is durable. */
export const ack = message("ack", 0x88, { of: u32 });
