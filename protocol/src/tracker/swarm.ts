import { fixed, u32, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { SWARM_ID_BYTES } from "../ids.ts";

/** Answers every JOIN, ahead of PEERS, and comes again when the figures change much. */
export const swarm = message("swarm", 0x83, {
  swarm: fixed(SWARM_ID_BYTES),
  /** The client's own. */
  ticket: u32,
  viewerCount: varint(),
  /** How many copies of each segment the swarm should take from the CDN. */
  copiesTarget: varint(0xffff_ffff),
});
