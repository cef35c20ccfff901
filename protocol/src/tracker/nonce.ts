import { fixed, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";

/** The first message on every socket. */
export const nonce = message("nonce", 0x81, {
  version: varint(0xffff),
  /** The oldest version this tracker still speaks. */
  minVersion: varint(0xffff),
  /** Its Ed25519 public key. */
  trackerId: fixed(32),
  nonce: fixed(32),
});
