import { bool } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

/** While choked, every request is rejected. */
export const choke = message("choke", 0x0a, { choked: bool });
