import { optionalSignature, sessionKey } from "../codec/fields.ts";
import { bytes, text, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_TOKEN_BYTES } from "../limits.ts";

/** The client's first message. The signature is over `helloPreimage`. */
export const hello = message("hello", 0x01, {
  version: varint(0xffff),
  sessionKey,
  signature: optionalSignature,
  /** The publisher's JWT, empty for an open tracker. */
  token: text(MAX_TOKEN_BYTES),
  delegation: bytes(1_024),
  /** From the last WELCOME, instead of a fresh token. */
  resumeTicket: bytes(512),
  /** Name and version of the software. */
  client: text(100),
});
