import { peerId } from "../codec/fields.ts";
import { bool, bytes, list, record, text, type ValueOf, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

const iceServer = record({ urls: list(text(512), 8), username: text(512), credential: text(512) });

export type IceServer = ValueOf<typeof iceServer>;

/** The client is admitted. */
export const welcome = message("welcome", 0x82, {
  /** The client's own id, as the tracker derived it. */
  peer: peerId,
  /** The tracker's clock, since 1970. */
  timeMs: varint(),
  /** False switches P2P off for everybody. */
  p2pAllowed: bool,
  /** Whether HASHES are answered. */
  verifier: bool,
  announceIntervalMs: varint(),
  iceServers: list(iceServer, 8),
  resumeTicket: bytes(512),
  /** Of the A/B test this session takes part in, empty for none. */
  variant: text(100),
});
