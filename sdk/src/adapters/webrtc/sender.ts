import {
  appendPeerMessage,
  CHUNK_BYTES,
  createWriter,
  MAX_CHUNK_BYTES,
  MAX_PEER_MESSAGE_BYTES,
  PIECE_BYTES,
  writtenBytes,
  type PeerMessage,
  type SegmentKey,
} from "@tributary/protocol";

/** Above this nothing more is given to the channel: control messages must not queue behind seconds of media. */
const highWaterBytes = 256 * 1024;
/** Control messages alone never fill this: the other side has stopped reading. */
const stuckBytes = 4 * 1024 * 1024;
/**
 * But no more than leaves in this time: what the channel has got cannot be called off, and holds a slow line for all. Less
 * would make a busy page, whose turns take tenths of a second, slow for good.
 */
const aheadMs = 100;
/** A line that takes a piece in this goes on in whole pieces: each message costs both ends the same, however long. */
const fastPieceMs = 50;

export interface MediaRange {
  readonly requestId: number;
  readonly segment: SegmentKey;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface SenderEnvironment {
  nowMs(): number;
  /** What the other side takes in one message, as its description says. */
  readonly maxMessageBytes: number;
  /** A view of stored bytes, null where the segment is gone. */
  read(segment: SegmentKey, offsetBytes: number, lengthBytes: number): Uint8Array | null;
  /** Bytes that still wait here and in the channel, each time when some have left. */
  buffered(bufferedBytes: number): void;
  failed(reason: string): void;
}

/** Sends over one channel: control messages at the end of the turn in one frame, media as the channel drains. */
export interface Sender {
  control(message: PeerMessage): void;
  media(range: MediaRange): void;
  /** The range is not wanted any more. */
  drop(requestId: number): void;
  /** What was said before still goes. */
  stop(): void;
}

export function createSender(channel: RTCDataChannel, environment: SenderEnvironment): Sender {
  const takesPieces = environment.maxMessageBytes >= MAX_PEER_MESSAGE_BYTES;
  /** What goes out next; the channel copies it. */
  const frame = createWriter();
  let queue: { readonly range: MediaRange; sentBytes: number }[] = [];
  let stopped = false;
  let flushing = false;
  let chunkBytes = CHUNK_BYTES;
  let drainedAtMs = 0;
  let givenBytes = 0;
  let roomBytes: number = PIECE_BYTES;

  const drained = () => {
    const nowMs = environment.nowMs();
    const leftBytes = ((givenBytes - channel.bufferedAmount) * aheadMs) / Math.max(1, nowMs - drainedAtMs);
    roomBytes = Math.min(highWaterBytes, Math.max(1, leftBytes));
    chunkBytes = takesPieces && nowMs - drainedAtMs < fastPieceMs ? MAX_CHUNK_BYTES : CHUNK_BYTES;
    drainedAtMs = nowMs;
    pump();
    report();
  };
  channel.addEventListener("bufferedamountlow", drained);

  function isOpen(): boolean {
    return !stopped && channel.readyState === "open";
  }

  /** @returns false where the protocol has no room for it, such as the size of a segment above its limit */
  function write(message: PeerMessage): boolean {
    const before = frame.length;
    try {
      appendPeerMessage(frame, message);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    if (before > 0 && frame.length > CHUNK_BYTES) {
      const end = frame.length;
      frame.length = before;
      flush();
      frame.bytes.copyWithin(0, before, end);
      frame.length = end - before;
    }
    return true;
  }

  function flush(): void {
    const bytes = writtenBytes(frame);
    frame.length = 0;
    if (!isOpen() || bytes.length === 0) return;
    try {
      channel.send(bytes);
    } catch (error) {
      environment.failed(`sending failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function flushLater(): void {
    if (flushing) return;
    flushing = true;
    queueMicrotask(() => {
      flushing = false;
      flush();
      if (isOpen() && channel.bufferedAmount > stuckBytes)
        environment.failed("the other side has stopped reading");
    });
  }

  function pump(): void {
    if (channel.bufferedAmount === 0) drainedAtMs = environment.nowMs();
    while (isOpen() && queue.length > 0 && channel.bufferedAmount < roomBytes) {
      const item = queue[0]!;
      const { requestId, segment, offsetBytes, lengthBytes } = item.range;
      const offset = offsetBytes + item.sentBytes;
      const data = environment.read(segment, offset, Math.min(chunkBytes, lengthBytes - item.sentBytes));
      if (data === null) {
        queue.shift();
        write({ type: "reject", requestId, reason: "gone" });
        flushLater();
        continue;
      }
      flush();
      if (!write({ type: "piece", requestId, offsetBytes: offset, data })) return;
      flush();
      item.sentBytes += data.length;
      if (item.sentBytes >= lengthBytes) queue.shift();
    }
    givenBytes = channel.bufferedAmount;
    // The next report after each piece that left: the core measures the uplink by them and fills it again.
    const reportBytes = Math.min(PIECE_BYTES, Math.max(CHUNK_BYTES, roomBytes));
    channel.bufferedAmountLowThreshold = Math.max(0, givenBytes - reportBytes);
  }

  function report(): void {
    if (stopped) return;
    const waiting = queue.reduce((sum, { range, sentBytes }) => sum + range.lengthBytes - sentBytes, 0);
    environment.buffered(waiting + channel.bufferedAmount);
  }

  return {
    control(message) {
      if (!stopped && write(message)) flushLater();
    },
    media(range) {
      if (range.lengthBytes <= 0) return;
      queue.push({ range, sentBytes: 0 });
      pump();
      // Gone already, or never there: no event will say so. Whoever asked for it counts what was given until it leaves.
      if (queue.length === 0 && channel.bufferedAmount === 0) report();
    },
    drop(requestId) {
      const before = queue.length;
      queue = queue.filter(({ range }) => range.requestId !== requestId);
      if (queue.length !== before) report();
    },
    stop() {
      flush();
      stopped = true;
      queue = [];
      channel.removeEventListener("bufferedamountlow", drained);
    },
  };
}
