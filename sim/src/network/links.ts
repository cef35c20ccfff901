import { CHUNK_BYTES, PIECE_BYTES, type PeerKey } from "@tributary/protocol";
import type { Input, Output } from "@tributary/sdk/core";
import type { EventQueue, Sink } from "../event-queue.ts";
import { passDown, type Downlink } from "./downlink.ts";
import { lossCapBps, oneWayMs, type AccessLink } from "./population.ts";
import { startFlow, stopFlow, type Flow, type Uplink } from "./uplink.ts";

type SendPiece = Extract<Output, { type: "send-piece" }>;

/** One end of a link. */
export interface LinkEnd {
  readonly index: number;
  readonly peer: PeerKey;
  readonly access: AccessLink;
  readonly uplink: Uplink;
  readonly downlink: Downlink;
  input: (input: Input) => void;
  /** The bytes of this end's pieces as a reader would see them: true ones or a liar's. */
  chunkData(): Uint8Array;
  /** A mute end accepts requests and sends nothing. */
  readonly mute: boolean;
  sentMedia(bytes: number): void;
}

/** One send-piece, and the control messages that were sent right after it. */
interface Block {
  readonly piece: SendPiece;
  after: Input[] | null;
}

/** What queues in front of a full downlink before congestion control slows its senders down. */
const downBacklogMaxMs = 150;
/** DTLS, SCTP and IP headers on packets of about 1,200 bytes. */
export const overheadRatio = 0.07;

/**
 * The data channel of one direction: ordered, so that control messages wait for the media before them. It is the sink
 * of what arrives at its end. There are two for each link, so they share their functions.
 */
export class Channel implements Flow, Sink<Input> {
  readonly latencyMs: number;
  /** Loss bounds a single connection, however wide the lines are. */
  readonly capBytesPerMs: number;
  open = true;
  readonly blocks: Block[] = [];
  nextBlock = 0;
  endsAt = 0;
  bufferedBytes = 0;
  /** When the block under way was begun. */
  begunAtMs = 0;
  lastArrivalMs = 0;

  constructor(
    readonly from: LinkEnd,
    readonly to: LinkEnd,
    readonly queue: EventQueue,
  ) {
    this.latencyMs = oneWayMs(from.access, to.access);
    this.capBytesPerMs = lossCapBps(from.access, to.access) / 8000;
  }

  fire(input: Input): void {
    if (this.open) this.to.input(input);
  }

  sent(): number {
    return onSent(this);
  }
}

const paces = {
  fire(channel: Channel) {
    if (!channel.open) return;
    const nextBytes = arrive(channel);
    if (nextBytes > 0) startFlow(channel.from.uplink, channel, nextBytes);
  },
};
const reports = {
  fire(channel: Channel) {
    if (!channel.open) return;
    const { from, to, bufferedBytes } = channel;
    from.input({ type: "peer-buffered", peer: to.peer, bufferedBytes });
  },
};

export function closeChannel(channel: Channel): void {
  if (!channel.open) return;
  channel.open = false;
  if (channel.nextBlock < channel.blocks.length) stopFlow(channel.from.uplink, channel);
  channel.blocks.length = 0;
}

export function sendControl(channel: Channel, input: Input): void {
  const last = channel.blocks.at(-1);
  if (last === undefined) arriveAt(channel, channel.queue.nowMs() + channel.latencyMs, input);
  else if (last.after === null) last.after = [input];
  else last.after.push(input);
}

export function sendMedia(channel: Channel, piece: SendPiece): void {
  if (channel.from.mute) return;
  const idle = channel.blocks.length === 0;
  channel.blocks.push({ piece, after: null });
  channel.bufferedBytes += piece.lengthBytes;
  if (!idle) return;
  channel.begunAtMs = channel.queue.nowMs();
  startFlow(channel.from.uplink, channel, wireBytes(piece));
}

function wireBytes(piece: SendPiece): number {
  return piece.lengthBytes * (1 + overheadRatio);
}

/**
 * The block under way has left the uplink, which is free for others while loss or a full downlink at the other end
 * holds this connection back.
 */
function onSent(channel: Channel): number {
  const { queue } = channel;
  const bytes = wireBytes(channel.blocks[channel.nextBlock]!.piece);
  const lossMs = channel.begunAtMs + bytes / channel.capBytesPerMs;
  const pacedMs = Math.max(lossMs, channel.to.downlink.freeAtMs - downBacklogMaxMs);
  if (pacedMs <= queue.nowMs()) return arrive(channel);
  queue.at(pacedMs, paces, channel);
  return 0;
}

/** @returns bytes of the next block, 0 for none */
function arrive(channel: Channel): number {
  const { queue } = channel;
  const nowMs = queue.nowMs();
  const { piece, after } = channel.blocks[channel.nextBlock]!;
  channel.nextBlock += 1;
  channel.bufferedBytes -= piece.lengthBytes;
  channel.from.sentMedia(piece.lengthBytes);
  const atMs = passDown(channel.to.downlink, nowMs, wireBytes(piece)) + channel.latencyMs;
  sendChunks(channel, piece, atMs);
  if (after !== null) for (const input of after) arriveAt(channel, atMs, input);
  queue.at(nowMs, reports, channel);
  channel.begunAtMs = nowMs;
  if (channel.nextBlock < channel.blocks.length) return wireBytes(channel.blocks[channel.nextBlock]!.piece);
  channel.blocks.length = 0;
  channel.nextBlock = 0;
  return 0;
}

function arriveAt(channel: Channel, atMs: number, input: Input): void {
  channel.lastArrivalMs = Math.max(channel.lastArrivalMs, atMs);
  channel.queue.at(channel.lastArrivalMs, channel, input);
}

/**
 * As few inputs as have the effect of the adapter's chunks of 16 KiB: a chunk that crosses the border of two pieces
 * counts for the first one, so where the adapter would send such a chunk this sends one too.
 */
function sendChunks(channel: Channel, piece: SendPiece, atMs: number): void {
  const { offsetBytes } = piece;
  const endBytes = offsetBytes + piece.lengthBytes;
  const borderBytes = (Math.floor(offsetBytes / PIECE_BYTES) + 1) * PIECE_BYTES;
  const toBorderBytes = Math.ceil((borderBytes - offsetBytes) / CHUNK_BYTES) * CHUNK_BYTES;
  const cutBytes = endBytes <= borderBytes ? endBytes : Math.min(endBytes, offsetBytes + toBorderBytes);
  arriveAt(channel, atMs, chunkOf(channel, piece, offsetBytes, cutBytes));
  if (cutBytes < endBytes) arriveAt(channel, atMs, chunkOf(channel, piece, cutBytes, endBytes));
}

function chunkOf(channel: Channel, piece: SendPiece, fromBytes: number, toBytes: number): Input {
  return {
    type: "chunk-received",
    peer: channel.from.peer,
    requestId: piece.requestId,
    offsetBytes: fromBytes,
    lengthBytes: toBytes - fromBytes,
    data: channel.from.chunkData(),
  };
}
