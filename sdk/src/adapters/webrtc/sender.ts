import {
  CHUNK_BYTES,
  encodePeerMessage,
  PIECE_BYTES,
  type PeerMessage,
  type SegmentKey,
} from "@tributary/protocol";

/** Above this nothing more is given to the channel: control messages must not queue behind seconds of media. */
const highWaterBytes = 256 * 1024;
/** Control messages alone never fill this: the other side has stopped reading. */
const stuckBytes = 4 * 1024 * 1024;

export interface MediaRange {
  readonly requestId: number;
  readonly segment: SegmentKey;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface SenderEnvironment {
  /** A view of stored bytes, null where the segment is gone. */
  read(segment: SegmentKey, offsetBytes: number, lengthBytes: number): Uint8Array | null;
  /** Bytes that still wait here and in the channel, each time when some have left. */
  buffered(bufferedBytes: number): void;
  failed(reason: string): void;
}

/** Sends over one channel: control messages at once, media in chunks as the channel drains. */
export interface Sender {
  control(message: PeerMessage): void;
  media(range: MediaRange): void;
  /** The range is not wanted any more. */
  drop(requestId: number): void;
  stop(): void;
}

export function createSender(channel: RTCDataChannel, environment: SenderEnvironment): Sender {
  let queue: { readonly range: MediaRange; sentBytes: number }[] = [];
  let stopped = false;

  const drained = () => {
    pump();
    report();
  };
  channel.addEventListener("bufferedamountlow", drained);

  function put(message: PeerMessage): boolean {
    if (stopped || channel.readyState !== "open") return false;
    const bytes = encodedOrNull(message);
    if (bytes === null) return false;
    try {
      channel.send(bytes);
    } catch (error) {
      environment.failed(`sending failed: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    return true;
  }

  function pump(): void {
    while (!stopped && queue.length > 0 && channel.bufferedAmount < highWaterBytes) {
      const item = queue[0]!;
      const { requestId, segment, offsetBytes, lengthBytes } = item.range;
      const offset = offsetBytes + item.sentBytes;
      const data = environment.read(segment, offset, Math.min(CHUNK_BYTES, lengthBytes - item.sentBytes));
      if (data === null) {
        queue.shift();
        put({ type: "reject", requestId, reason: "gone" });
        continue;
      }
      if (!put({ type: "piece", requestId, offsetBytes: offset, data })) return;
      item.sentBytes += data.length;
      if (item.sentBytes >= lengthBytes) queue.shift();
    }
    // The next report after each piece that left: the core measures the uplink by them and fills it again.
    channel.bufferedAmountLowThreshold = Math.max(0, channel.bufferedAmount - PIECE_BYTES);
  }

  function report(): void {
    if (stopped) return;
    const waiting = queue.reduce((sum, { range, sentBytes }) => sum + range.lengthBytes - sentBytes, 0);
    environment.buffered(waiting + channel.bufferedAmount);
  }

  return {
    control(message) {
      if (!put(message)) return;
      if (channel.bufferedAmount > stuckBytes) environment.failed("the other side has stopped reading");
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
      stopped = true;
      queue = [];
      channel.removeEventListener("bufferedamountlow", drained);
    },
  };
}

/** Null for a value that the protocol has no room for, such as the size of a segment above its limit. */
function encodedOrNull(message: PeerMessage): Uint8Array<ArrayBuffer> | null {
  try {
    return encodePeerMessage(message);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
