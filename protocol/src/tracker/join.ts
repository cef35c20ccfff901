import { choice, list, text, type ValueOf, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_CONTENT_ID_BYTES, MAX_ORIGINS, MAX_WANTED_PEERS } from "../limits.ts";

const role = choice("viewer", "seeder");

export type Role = ValueOf<typeof role>;

/** Enters the swarm of a title. Sent again it re-announces, and asks for more partners. */
export const join = message("join", 0x02, {
  contentId: text(MAX_CONTENT_ID_BYTES),
  wantedPeers: varint(MAX_WANTED_PEERS),
  role,
  /** "scheme://host:port" of the media, for the verifier. */
  origins: list(text(300), MAX_ORIGINS),
});
