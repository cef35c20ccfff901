import { peerId } from "../codec/fields.ts";
import { bytes, choice, type ValueOf } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_SIGNAL_BYTES } from "../limits.ts";

const kind = choice("offer", "answer", "candidate");

export type SignalKind = ValueOf<typeof kind>;

/** The same both ways: to the tracker `peer` is the receiver, from it the sender. Bodies: see signal/. */
export const signal = message("signal", 0x03, {
  peer: peerId,
  kind,
  body: bytes(MAX_SIGNAL_BYTES),
});
