/** Payload that went through the data channels of this page. */
export interface ChannelBytes {
  receivedBytes: number;
  sentBytes: number;
  /** When messages came in that are large enough to be media, on the page's clock. */
  readonly arrivalsMs: number[];
}

/** Every engine sends media in larger messages than this, and nearly everything else in smaller ones. */
const MEDIA_MESSAGE_BYTES_MIN = 4096;

/**
 * Counts at the browser's own interface, so that every engine is counted alike and none by its own word. Call it
 * before any engine is loaded: most keep the constructor that they find.
 */
export function countChannelBytes(): ChannelBytes {
  const counted: ChannelBytes = { receivedBytes: 0, sentBytes: 0, arrivalsMs: [] };

  function watch(channel: RTCDataChannel): RTCDataChannel {
    channel.addEventListener("message", ({ data }) => {
      const sizeBytes = sizeOf(data);
      counted.receivedBytes += sizeBytes;
      if (sizeBytes >= MEDIA_MESSAGE_BYTES_MIN) counted.arrivalsMs.push(performance.now());
    });
    const send = channel.send.bind(channel) as (data: unknown) => void;
    channel.send = (data: unknown) => {
      send(data);
      counted.sentBytes += sizeOf(data);
    };
    return channel;
  }

  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args) {
      const connection = Reflect.construct(target, args) as RTCPeerConnection;
      const create = connection.createDataChannel.bind(connection);
      connection.createDataChannel = (label, options) => watch(create(label, options));
      connection.addEventListener("datachannel", ({ channel }) => watch(channel));
      return connection;
    },
  });
  return counted;
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  if (data instanceof Blob) return data.size;
  return (data as ArrayBuffer | ArrayBufferView).byteLength;
}
