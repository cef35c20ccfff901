import {
  decodeCandidate,
  decodeDescription,
  decodePeerFrame,
  encodeDescription,
  encodePeerMessage,
  type PeerKey,
  type PeerMessage,
  type PeerMessageOf,
  type SignalKind,
} from "@tributary/protocol";
import { descriptionOf, sdpOf } from "./sdp.ts";

/** One raw data channel to a victim. */
export interface Wire {
  readonly peer: PeerKey;
  signal(kind: SignalKind, body: Uint8Array): void;
  send(message: PeerMessage): void;
  sendRaw(bytes: Uint8Array): void;
  /** False where the link has ended; resolves when the channel can take more. */
  ready(): Promise<boolean>;
  /** Resolves when all is out, or the link has ended. */
  flushed(): Promise<void>;
  /** Without a word to the other side. */
  drop(): void;
}

export interface WireHandlers {
  signal(kind: SignalKind, body: Uint8Array): void;
  /** The first message on the link, whatever it says. */
  hello(own: Uint8Array, other: Uint8Array): Promise<PeerMessageOf<"hello">>;
  /** Both HELLOs are out. */
  greeted(): void;
  message(message: PeerMessage): void;
  closed(reason: string): void;
}

/** Enough to keep a flood going, little enough that a browser does not refuse it. */
const fullBytes = 1024 * 1024;

export function createWire(peer: PeerKey, initiator: boolean, handlers: WireHandlers): Wire {
  const connection = new RTCPeerConnection({ iceServers: [] });
  let channel: RTCDataChannel | null = null;
  let own: Uint8Array | null = null;
  let other: Uint8Array | null = null;
  let byeReason = "";
  let over = false;
  const early: RTCIceCandidateInit[] = [];

  if (initiator) use(connection.createDataChannel("hostile"));
  connection.ondatachannel = (event) => use(event.channel);
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === "failed") end();
  };
  if (initiator) void describe("offer");

  function use(opened: RTCDataChannel): void {
    channel = opened;
    opened.binaryType = "arraybuffer";
    opened.bufferedAmountLowThreshold = fullBytes / 2;
    opened.onclose = end;
    opened.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => receive(new Uint8Array(data));
  }

  /** In answer to the victim's HELLO: its side is open then, and nothing that is said gets lost. */
  async function greet(): Promise<void> {
    send(await handlers.hello(own!, other!));
    if (!over) handlers.greeted();
  }

  function receive(bytes: Uint8Array): void {
    const decoded = decodePeerFrame(bytes);
    if (!decoded.ok) throw new Error(`an honest peer sent ${decoded.reason}`);
    for (const message of decoded.value) take(message);
  }

  function take(message: PeerMessage): void {
    switch (message.type) {
      case "hello":
        return void greet();
      case "ping":
        return send({ type: "pong", nonce: message.nonce });
      case "bye":
        byeReason = message.reason;
        return end();
      default:
        handlers.message(message);
    }
  }

  async function describe(kind: "offer" | "answer"): Promise<void> {
    await connection.setLocalDescription();
    // At once: an answerer's channel may open before its candidates are gathered.
    own = descriptionOf(connection.localDescription!.sdp).fingerprint;
    await gathered(connection);
    handlers.signal(kind, encodeDescription(descriptionOf(connection.localDescription!.sdp)));
  }

  async function accept(kind: "offer" | "answer", body: Uint8Array): Promise<void> {
    const decoded = decodeDescription(body);
    if (!decoded.ok || other !== null) return;
    other = decoded.value.fingerprint;
    await connection.setRemoteDescription({ type: kind, sdp: sdpOf(decoded.value) });
    for (const candidate of early.splice(0)) await connection.addIceCandidate(candidate);
    if (kind === "offer") await describe("answer");
  }

  function send(message: PeerMessage): void {
    sendRaw(encodePeerMessage(message));
  }

  function sendRaw(bytes: Uint8Array): void {
    if (channel?.readyState === "connecting")
      throw new Error("nothing can be sent before the channel is open");
    if (channel?.readyState === "open") channel.send(bytes as Uint8Array<ArrayBuffer>);
  }

  function end(): void {
    if (over) return;
    over = true;
    connection.close();
    handlers.closed(byeReason);
  }

  return {
    peer,
    signal(kind, body) {
      if (kind !== "candidate") return void accept(kind, body);
      const decoded = decodeCandidate(body);
      if (!decoded.ok || decoded.value.candidate === "") return;
      const candidate = { candidate: `candidate:${decoded.value.candidate}`, sdpMid: "0", sdpMLineIndex: 0 };
      if (connection.remoteDescription === null) early.push(candidate);
      else void connection.addIceCandidate(candidate);
    },
    send,
    sendRaw,
    async ready() {
      const open = channel;
      if (!over && open !== null && open.bufferedAmount > fullBytes)
        await new Promise((resolve) => {
          open.addEventListener("bufferedamountlow", resolve, { once: true });
          open.addEventListener("close", resolve, { once: true });
        });
      return !over;
    },
    async flushed() {
      while (!over && (channel?.bufferedAmount ?? 0) > 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
    },
    drop: end,
  };
}

/** Host candidates alone, which takes a moment. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
}
