import { CHUNK_BYTES, PIECE_BYTES, type PeerKey } from "@tributary/protocol";
import type { Input, Output } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
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
  input(input: Input): void;
  /** The bytes of this end's pieces as a reader would see them: true ones or a liar's. */
  chunkData(): Uint8Array;
  /** A mute end accepts requests and sends nothing. */
  readonly mute: boolean;
  sentMedia(bytes: number): void;
}

/** The data channel of one direction: ordered, so that control messages wait for the media before them. */
export interface Channel extends Flow {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  readonly latencyMs: number;
  /** Loss bounds a single connection, however wide the lines are. */
  readonly capBytesPerMs: number;
  open: boolean;
  readonly blocks: Block[];
  nextBlock: number;
  bufferedBytes: number;
  /** When the block under way was begun. */
  begunAtMs: number;
  lastArrivalMs: number;
  readonly paces: { fire(payload: null): void };
  readonly arrivals: { fire(input: Input): void };
  readonly reports: { fire(payload: null): void };
}

/** One send-piece, and the control messages that were sent right after it. */
interface Block {
  readonly piece: SendPiece;
  readonly after: Input[];
}

/** What queues in front of a full downlink before congestion control slows its senders down. */
const downBacklogMaxMs = 150;
/** DTLS, SCTP and IP headers on packets of about 1,200 bytes. */
export const overheadRatio = 0.07;

export function createChannel(from: LinkEnd, to: LinkEnd, queue: EventQueue): Channel {
  const channel: Channel = {
    from,
    to,
    latencyMs: oneWayMs(from.access, to.access),
    capBytesPerMs: lossCapBps(from.access, to.access) / 8000,
    open: true,
    blocks: [],
    nextBlock: 0,
    endsAt: 0,
    bufferedBytes: 0,
    begunAtMs: 0,
    lastArrivalMs: 0,
    sent: () => onSent(channel, queue),
    paces: {
      fire() {
        if (!channel.open) return;
        const nextBytes = arrive(channel, queue);
        if (nextBytes > 0) startFlow(from.uplink, channel, nextBytes);
      },
    },
    arrivals: {
      fire(input) {
        if (channel.open) to.input(input);
      },
    },
    reports: {
      fire() {
        if (!channel.open) return;
        from.input({ type: "peer-buffered", peer: to.peer, bufferedBytes: channel.bufferedBytes });
      },
    },
  };
  return channel;
}

export function closeChannel(channel: Channel): void {
  if (!channel.open) return;
  channel.open = false;
  if (channel.nextBlock < channel.blocks.length) stopFlow(channel.from.uplink, channel);
  channel.blocks.length = 0;
}

export function sendControl(channel: Channel, queue: EventQueue, input: Input): void {
  const last = channel.blocks.at(-1);
  if (last !== undefined) last.after.push(input);
  else arriveAt(channel, queue, queue.nowMs() + channel.latencyMs, input);
}

export function sendMedia(channel: Channel, queue: EventQueue, piece: SendPiece): void {
  if (channel.from.mute) return;
  const idle = channel.blocks.length === 0;
  channel.blocks.push({ piece, after: [] });
  channel.bufferedBytes += piece.lengthBytes;
  if (!idle) return;
  channel.begunAtMs = queue.nowMs();
  startFlow(channel.from.uplink, channel, wireBytes(piece));
}

function wireBytes(piece: SendPiece): number {
  return piece.lengthBytes * (1 + overheadRatio);
}

/**
 * The block under way has left the uplink, which is free for others while loss or a full downlink at the other end
 * holds this connection back.
 */
function onSent(channel: Channel, queue: EventQueue): number {
  const bytes = wireBytes(channel.blocks[channel.nextBlock]!.piece);
  const lossMs = channel.begunAtMs + bytes / channel.capBytesPerMs;
  const pacedMs = Math.max(lossMs, channel.to.downlink.freeAtMs - downBacklogMaxMs);
  if (pacedMs <= queue.nowMs()) return arrive(channel, queue);
  queue.at(pacedMs, channel.paces, null);
  return 0;
}

/** @returns bytes of the next block, 0 for none */
function arrive(channel: Channel, queue: EventQueue): number {
  const nowMs = queue.nowMs();
  const { piece, after } = channel.blocks[channel.nextBlock]!;
  channel.nextBlock += 1;
  channel.bufferedBytes -= piece.lengthBytes;
  channel.from.sentMedia(piece.lengthBytes);
  const atMs = passDown(channel.to.downlink, nowMs, wireBytes(piece)) + channel.latencyMs;
  for (const chunk of chunksOf(channel, piece)) arriveAt(channel, queue, atMs, chunk);
  for (const input of after) arriveAt(channel, queue, atMs, input);
  queue.at(nowMs, channel.reports, null);
  channel.begunAtMs = nowMs;
  if (channel.nextBlock < channel.blocks.length) return wireBytes(channel.blocks[channel.nextBlock]!.piece);
  channel.blocks.length = 0;
  channel.nextBlock = 0;
  return 0;
}

function arriveAt(channel: Channel, queue: EventQueue, atMs: number, input: Input): void {
  channel.lastArrivalMs = Math.max(channel.lastArrivalMs, atMs);
  queue.at(channel.lastArrivalMs, channel.arrivals, input);
}

/**
 * As few inputs as have the effect of the adapter's chunks of 16 KiB: a chunk that crosses the border of two pieces
 * counts for the first one, so where the adapter would send such a chunk this sends one too.
 */
function chunksOf(channel: Channel, piece: SendPiece): Input[] {
  const endBytes = piece.offsetBytes + piece.lengthBytes;
  const borderBytes = (Math.floor(piece.offsetBytes / PIECE_BYTES) + 1) * PIECE_BYTES;
  if (endBytes <= borderBytes) return [chunkOf(channel, piece, piece.offsetBytes, endBytes)];
  const chunks = Math.ceil((borderBytes - piece.offsetBytes) / CHUNK_BYTES);
  const cutBytes = Math.min(endBytes, piece.offsetBytes + chunks * CHUNK_BYTES);
  const first = chunkOf(channel, piece, piece.offsetBytes, cutBytes);
  return cutBytes === endBytes ? [first] : [first, chunkOf(channel, piece, cutBytes, endBytes)];
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
