import { optionalSignature, sessionKey } from "../codec/fields.ts";
import { bool, u32, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

/** The first message both ways. The signature is over `linkPreimage`; the peer id follows from the key. */
export const hello = message("hello", 0x01, {
  version: varint(0xffff),
  sessionKey,
  /** Ranks the contenders for a segment; the tracker gave it. */
  ticket: u32,
  signature: optionalSignature,
  /** False where this peer will refuse every request. */
  uploads: bool,
});
