import { peerId } from "../codec/fields.ts";
import { list } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_WANTED_PEERS } from "../limits.ts";

/** Several independent viewers caught these lying: part with them, and take nothing from them again. */
export const banned = message("banned", 0x8b, { peers: list(peerId, MAX_WANTED_PEERS) });
