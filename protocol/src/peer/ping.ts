import { u32 } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

export const ping = message("ping", 0x0e, { nonce: u32 });
