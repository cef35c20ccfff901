import { peerId } from "../codec/fields.ts";
import { bytes, list, record, u32, type ValueOf } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_WANTED_PEERS } from "../limits.ts";

const namedPeer = record({ peer: peerId, ticket: u32 });

export type NamedPeer = ValueOf<typeof namedPeer>;

/** Partners the client may signal. It makes the offers; they hear of it by the first SIGNAL. */
export const peers = message("peers", 0x84, {
  peers: list(namedPeer, MAX_WANTED_PEERS),
  grants: list(bytes(1_024), MAX_WANTED_PEERS),
});
