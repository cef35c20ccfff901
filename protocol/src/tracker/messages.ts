import type { Decoded } from "../codec/decode.ts";
import { decodeWith, encodeWith } from "../codec/layout.ts";
import { type MessageOf, oneOf } from "../codec/message.ts";
import { MAX_TRACKER_MESSAGE_BYTES } from "../limits.ts";
import { ack } from "./ack.ts";
import { askedHashes } from "./asked-hashes.ts";
import { banned } from "./banned.ts";
import { challenge } from "./challenge.ts";
import { error } from "./error.ts";
import { hashes } from "./hashes.ts";
import { hello } from "./hello.ts";
import { join } from "./join.ts";
import { leave } from "./leave.ts";
import { nonce } from "./nonce.ts";
import { order } from "./order.ts";
import { peers } from "./peers.ts";
import { ping } from "./ping.ts";
import { pong } from "./pong.ts";
import { qos } from "./qos.ts";
import { report } from "./report.ts";
import { rootConflict } from "./root-conflict.ts";
import { signal } from "./signal.ts";
import { statement } from "./statement.ts";
import { swarm } from "./swarm.ts";
import { welcome } from "./welcome.ts";

const fromClient = [
  hello,
  join,
  signal,
  statement,
  askedHashes,
  rootConflict,
  qos,
  leave,
  ping,
  report,
] as const;
const fromTracker = [
  nonce,
  welcome,
  swarm,
  peers,
  signal,
  hashes,
  order,
  challenge,
  ack,
  error,
  pong,
  banned,
  rootConflict,
] as const;

const clientLayout = oneOf(fromClient);
const trackerLayout = oneOf(fromTracker);

export type ClientMessage = MessageOf<typeof fromClient>;
export type TrackerMessage = MessageOf<typeof fromTracker>;
export type ClientMessageOf<Type extends ClientMessage["type"]> = Extract<
  ClientMessage,
  { readonly type: Type }
>;
export type TrackerMessageOf<Type extends TrackerMessage["type"]> = Extract<
  TrackerMessage,
  { readonly type: Type }
>;

/** @throws RangeError naming the field that is out of range. */
export function encodeClientMessage(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return encodeWith(clientLayout, message, message.type, MAX_TRACKER_MESSAGE_BYTES);
}

export function decodeClientMessage(bytes: Uint8Array): Decoded<ClientMessage> {
  return decodeWith(clientLayout, bytes, MAX_TRACKER_MESSAGE_BYTES);
}

/** @throws RangeError naming the field that is out of range. */
export function encodeTrackerMessage(message: TrackerMessage): Uint8Array<ArrayBuffer> {
  return encodeWith(trackerLayout, message, message.type, MAX_TRACKER_MESSAGE_BYTES);
}

export function decodeTrackerMessage(bytes: Uint8Array): Decoded<TrackerMessage> {
  return decodeWith(trackerLayout, bytes, MAX_TRACKER_MESSAGE_BYTES);
}
