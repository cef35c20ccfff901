import { peerId } from "../codec/fields.ts";
import { list } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_EXCHANGED_PEERS } from "../limits.ts";

/** Peer exchange: the sender's other partners. */
export const peers = message("peers", 0x0c, { peers: list(peerId, MAX_EXCHANGED_PEERS) });
