import {
  decodeCandidate,
  decodeDescription,
  decodePeerFrame,
  MAX_BYE_REASON_BYTES,
  PROTOCOL_VERSION,
  truncateUtf8,
  type PeerMessage,
  type PeerMessageOf,
  type SignalKind,
} from "@tributary/protocol";
import type { Clock } from "../../driver-contract.ts";
import { createConnection, type Connection } from "./connection.ts";
import { createSender, type MediaRange, type Sender, type SenderEnvironment } from "./sender.ts";
import { writeSdp } from "./sdp.ts";
import { createSignalWriter } from "./signal-writer.ts";
import { createVitals, type Vitals } from "./vitals.ts";

export interface LinkEnvironment {
  readonly clock: Clock;
  readonly policy: RTCIceTransportPolicy;
  readonly iceServers: RTCIceServer[];
  readonly read: SenderEnvironment["read"];
  /** Our HELLO for this pair of DTLS fingerprints. */
  hello(ownFingerprint: Uint8Array, otherFingerprint: Uint8Array): Promise<PeerMessageOf<"hello">>;
  /** Why this HELLO does not come from the peer we are linked to, null where it does. */
  objection(
    hello: PeerMessageOf<"hello">,
    otherFingerprint: Uint8Array,
    ownFingerprint: Uint8Array,
  ): Promise<string | null>;
}

export type InboundMessage = Exclude<PeerMessage, { type: "hello" | "piece" }>;

/** `closed` is the last call. */
export interface LinkHandlers {
  signal(kind: SignalKind, body: Uint8Array): void;
  /** Both HELLOs are through and the other side is who it should be. */
  connected(ticket: number): void;
  message(message: InboundMessage): void;
  chunk(piece: PeerMessageOf<"piece">): void;
  buffered(bufferedBytes: number): void;
  garbage(reason: string): void;
  /** The browser makes no connection at all with what it was given; `closed` follows. */
  refused(reason: string): void;
  closed(reason: string): void;
}

export interface Link {
  readonly initiator: boolean;
  /** An offerer that has its answer, or an answerer: glare is settled. */
  settled(): boolean;
  open(): boolean;
  rttMs(): number | null;
  signal(kind: SignalKind, body: Uint8Array): void;
  send(message: PeerMessage): void;
  sendMedia(range: MediaRange): void;
  /** Looks at the clock: handshake timeout, ICE grace and PING. */
  check(nowMs: number): void;
  /** The page was frozen: silence meanwhile says nothing about the other side. */
  forgive(nowMs: number): void;
  close(reason: string): void;
  /** Without a word to the handlers. */
  discard(): void;
}

type LinkState =
  | { readonly state: "signalling" }
  | { readonly state: "greeting"; readonly sender: Sender }
  | { readonly state: "open"; readonly sender: Sender }
  | { readonly state: "closed" };

/** What may arrive between the other side's HELLO and the end of its verification. */
const heldMessagesMax = 64;
const remoteCandidatesMax = 40;

export function createLink(initiator: boolean, environment: LinkEnvironment, handlers: LinkHandlers): Link {
  const { clock } = environment;
  const vitals: Vitals = createVitals(clock.now());
  let link: LinkState = { state: "signalling" };
  let remoteFingerprint: Uint8Array | null = null;
  let remoteCandidates = 0;
  let theirHello: "awaited" | "checking" | { readonly ticket: number } = "awaited";
  let held: PeerMessage[] = [];
  let remoteMaxBytes = 0;

  const writer = createSignalWriter(environment.policy, clock, (kind, body) => {
    if (link.state !== "closed") handlers.signal(kind, body);
  });
  const connection = connect();

  function connect(): Connection | null {
    const { iceServers, policy: iceTransportPolicy } = environment;
    try {
      return createConnection(
        initiator,
        { iceServers, iceTransportPolicy },
        {
          description(kind, sdp) {
            if (!writer.description(kind, sdp)) close("the browser's own description is unreadable");
          },
          candidate: (line) => writer.candidate(line),
          state: (state) => vitals.state(state, clock.now()),
          opened: (channel) => void greet(channel).catch(failed),
          message: receive,
          closed: close,
        },
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      clock.after(0, () => {
        if (link.state !== "closed") handlers.refused(reason);
        close(reason);
      });
      return null;
    }
  }

  function failed(error: unknown): void {
    close(`the handshake failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  async function greet(channel: RTCDataChannel): Promise<void> {
    const own = writer.fingerprint();
    if (link.state !== "signalling" || own === null || remoteFingerprint === null) return;
    const sender = createSender(channel, {
      read: environment.read,
      nowMs: () => clock.now(),
      maxMessageBytes: remoteMaxBytes,
      buffered: (bytes) => {
        if (link.state === "open") handlers.buffered(bytes);
      },
      failed: (reason) => close(reason),
    });
    const hello = await environment.hello(own, remoteFingerprint);
    if (link.state !== "signalling") return sender.stop();
    link = { state: "greeting", sender };
    sender.control(hello);
    openWhenGreeted();
  }

  function receive(data: Uint8Array): void {
    if (link.state === "closed") return;
    vitals.heard(clock.now());
    const decoded = decodePeerFrame(data);
    if (!decoded.ok) return garbage(decoded.reason);
    for (const message of decoded.value) take(message);
  }

  function take(message: PeerMessage): void {
    if (link.state === "open") return dispatch(message, link.sender);
    if (link.state === "closed") return;
    if (theirHello === "awaited") return void checkHello(message).catch(failed);
    if (held.length >= heldMessagesMax) return garbage("too many messages before the end of the handshake");
    held.push(message);
  }

  async function checkHello(hello: PeerMessage): Promise<void> {
    theirHello = "checking";
    // Seen twice in hundreds of links: the first message of an honest peer was lost. The link is of no use, but nobody
    // is to blame.
    if (hello.type !== "hello") return close(`${hello.type} came before HELLO`);
    if (hello.version !== PROTOCOL_VERSION)
      return close(`it speaks version ${hello.version} of the protocol`);
    const own = writer.fingerprint();
    if (own === null || remoteFingerprint === null) return close("HELLO before the descriptions");
    const objection = await environment.objection(hello, remoteFingerprint, own);
    if (objection !== null) return garbage(objection);
    theirHello = { ticket: hello.ticket };
    openWhenGreeted();
  }

  function openWhenGreeted(): void {
    if (link.state !== "greeting" || typeof theirHello === "string") return;
    const { sender } = link;
    link = { state: "open", sender };
    vitals.opened(clock.now());
    handlers.connected(theirHello.ticket);
    const waiting = held;
    held = [];
    for (const message of waiting) if (isOpen()) dispatch(message, sender);
  }

  function dispatch(message: PeerMessage, sender: Sender): void {
    switch (message.type) {
      case "hello":
        return garbage("a second HELLO");
      case "piece":
        return handlers.chunk(message);
      case "ping":
        sender.control({ type: "pong", nonce: message.nonce });
        return handlers.message(message);
      case "pong":
        vitals.pong(message.nonce, clock.now());
        return handlers.message(message);
      case "cancel":
        sender.drop(message.requestId);
        return handlers.message(message);
      case "bye":
        handlers.message(message);
        return close(`it left: ${message.reason}`);
      default:
        return handlers.message(message);
    }
  }

  function isOpen(): boolean {
    return link.state === "open";
  }

  function garbage(reason: string): void {
    if (link.state === "closed") return;
    handlers.garbage(reason);
    close(`it sent garbage: ${reason}`);
  }

  function shut(): boolean {
    if (link.state === "closed") return false;
    if (link.state !== "signalling") link.sender.stop();
    link = { state: "closed" };
    held = [];
    writer.stop();
    connection?.close();
    return true;
  }

  function close(reason: string): void {
    if (shut()) handlers.closed(reason);
  }

  return {
    initiator,
    settled: () => !initiator || remoteFingerprint !== null,
    open: isOpen,
    rttMs: () => vitals.rttMs(),
    signal(kind, body) {
      if (link.state === "closed") return;
      if (kind === "candidate") {
        const decoded = decodeCandidate(body);
        if (!decoded.ok) return garbage(decoded.reason);
        const { candidate } = decoded.value;
        if (candidate === "" || ++remoteCandidates > remoteCandidatesMax) return;
        const sdpMid = writer.mid();
        return connection?.candidate({ candidate: `candidate:${candidate}`, sdpMid, sdpMLineIndex: 0 });
      }
      if (remoteFingerprint !== null || kind !== (initiator ? "answer" : "offer")) return;
      const decoded = decodeDescription(body);
      if (!decoded.ok) return garbage(decoded.reason);
      remoteFingerprint = decoded.value.fingerprint;
      remoteMaxBytes = decoded.value.maxMessageSize;
      connection?.describe(kind, writeSdp(decoded.value, writer.mid()));
    },
    send(message) {
      if (link.state !== "open") return;
      if (message.type === "reject") link.sender.drop(message.requestId);
      link.sender.control(message);
    },
    sendMedia(range) {
      if (link.state === "open") link.sender.media(range);
    },
    check(nowMs) {
      if (link.state === "closed") return;
      const verdict = vitals.check(nowMs);
      if (verdict.kind === "dead") close(verdict.reason);
      else if (verdict.kind === "ping" && link.state === "open") {
        link.sender.control({ type: "ping", nonce: verdict.nonce });
      }
    },
    forgive: (nowMs) => vitals.forgive(nowMs),
    close(reason) {
      if (link.state === "open") {
        link.sender.control({ type: "bye", reason: truncateUtf8(reason, MAX_BYE_REASON_BYTES) });
      }
      close(reason);
    },
    discard: () => void shut(),
  };
}
