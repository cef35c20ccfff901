import { bool, u32 } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

/** LL-HLS: push the parts of this track as they come, or stop. */
export const subscribe = message("subscribe", 0x0d, { track: u32, on: bool });
