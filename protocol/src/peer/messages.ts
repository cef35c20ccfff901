import type { Decoded } from "../codec/decode.ts";
import { appendWith, decodeAllWith, decodeWith, encodeWith } from "../codec/layout.ts";
import { type MessageOf, oneOf } from "../codec/message.ts";
import type { Writer } from "../codec/writer.ts";
import { MAX_PEER_FRAME_BYTES, MAX_PEER_MESSAGE_BYTES } from "../limits.ts";
import { bitfield } from "./bitfield.ts";
import { bye } from "./bye.ts";
import { cancel } from "./cancel.ts";
import { choke } from "./choke.ts";
import { have } from "./have.ts";
import { hello } from "./hello.ts";
import { peers } from "./peers.ts";
import { pieceHashes } from "./piece-hashes.ts";
import { piece } from "./piece.ts";
import { ping } from "./ping.ts";
import { pong } from "./pong.ts";
import { progress } from "./progress.ts";
import { receipt } from "./receipt.ts";
import { reject } from "./reject.ts";
import { request } from "./request.ts";
import { subscribe } from "./subscribe.ts";

const messages = [
  hello,
  have,
  bitfield,
  progress,
  request,
  piece,
  pieceHashes,
  cancel,
  reject,
  choke,
  receipt,
  peers,
  subscribe,
  ping,
  pong,
  bye,
] as const;

const layout = oneOf(messages);

export type PeerMessage = MessageOf<typeof messages>;
export type PeerMessageOf<Type extends PeerMessage["type"]> = Extract<PeerMessage, { readonly type: Type }>;

/** @throws RangeError naming the field that is out of range. */
export function encodePeerMessage(message: PeerMessage): Uint8Array<ArrayBuffer> {
  return encodeWith(layout, message, message.type, MAX_PEER_MESSAGE_BYTES);
}

/** Appends it to a frame. @throws RangeError as `encodePeerMessage` does; the frame is then as it was. */
export function appendPeerMessage(frame: Writer, message: PeerMessage): void {
  appendWith(layout, frame, message, message.type, MAX_PEER_MESSAGE_BYTES);
}

/** A frame holds one message or more. One that cannot be read spoils all of them. */
export function decodePeerFrame(bytes: Uint8Array): Decoded<PeerMessage[]> {
  return decodeAllWith(layout, bytes, MAX_PEER_FRAME_BYTES);
}

/** Of a frame with one message. */
export function decodePeerMessage(bytes: Uint8Array): Decoded<PeerMessage> {
  return decodeWith(layout, bytes, MAX_PEER_MESSAGE_BYTES);
}
