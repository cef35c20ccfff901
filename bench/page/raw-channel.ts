/** A data channel without anything of ours around it: what the browser itself can do between two pages. */

/** Refilled at the low mark: enough under way that the sender never waits for this page's event loop. */
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;

export interface RawChannelPage {
  /** Makes an offer with all its candidates. */
  offer(): Promise<string>;
  answer(offer: string): Promise<string>;
  accept(answer: string): Promise<void>;
  /** Sends so many bytes in chunks of the given size, once the channel is open. */
  send(totalBytes: number, chunkBytes: number): Promise<void>;
  /** Resolves to the milliseconds from the first to the last of so many bytes. */
  received(totalBytes: number): Promise<number>;
}

declare global {
  interface Window {
    rawChannel?: RawChannelPage;
  }
}

const connection = new RTCPeerConnection();
let open: (channel: RTCDataChannel) => void;
const opened = new Promise<RTCDataChannel>((resolve) => (open = resolve));
let receivedBytes = 0;
let firstAtMs = 0;
let done: { totalBytes: number; resolve: (tookMs: number) => void } | null = null;

function use(channel: RTCDataChannel): void {
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  channel.addEventListener("message", ({ data }) => {
    const nowMs = performance.now();
    if (receivedBytes === 0) firstAtMs = nowMs;
    receivedBytes += (data as ArrayBuffer).byteLength;
    if (done !== null && receivedBytes >= done.totalBytes) done.resolve(nowMs - firstAtMs);
  });
  channel.addEventListener("open", () => open(channel));
}
connection.addEventListener("datachannel", ({ channel }) => use(channel));

async function described(): Promise<string> {
  while (connection.iceGatheringState !== "complete")
    await new Promise((resolve) =>
      connection.addEventListener("icegatheringstatechange", resolve, { once: true }),
    );
  return JSON.stringify(connection.localDescription);
}

window.rawChannel = {
  async offer() {
    use(connection.createDataChannel("raw"));
    await connection.setLocalDescription();
    return described();
  },
  async answer(offer) {
    await connection.setRemoteDescription(JSON.parse(offer) as RTCSessionDescriptionInit);
    await connection.setLocalDescription();
    return described();
  },
  async accept(answer) {
    await connection.setRemoteDescription(JSON.parse(answer) as RTCSessionDescriptionInit);
  },
  async send(totalBytes, chunkBytes) {
    const channel = await opened;
    const chunk = crypto.getRandomValues(new Uint8Array(chunkBytes));
    for (let sent = 0; sent < totalBytes; sent += chunkBytes) {
      if (channel.bufferedAmount > HIGH_WATER_BYTES)
        await new Promise((resolve) =>
          channel.addEventListener("bufferedamountlow", resolve, { once: true }),
        );
      channel.send(chunk);
    }
  },
  received: (totalBytes) =>
    new Promise((resolve) => {
      receivedBytes = 0;
      done = { totalBytes, resolve };
    }),
};
