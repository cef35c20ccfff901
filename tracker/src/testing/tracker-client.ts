import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import {
  decodeTrackerMessage,
  encodeClientMessage,
  helloPreimage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type ClientMessageOf,
  type TrackerMessage,
  type TrackerMessageOf,
} from "@tributary/protocol";
import { WebSocket } from "ws";
import { rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import { joinMessage } from "./core-rig.ts";

const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest();

/** A viewer's end of the tracker connection over a real WebSocket, with a real key. */
export interface TrackerClient {
  readonly socket: WebSocket;
  readonly sessionKey: Uint8Array;
  readonly privateKey: KeyObject;
  /** With the session key. */
  sign(bytes: Uint8Array): Uint8Array;
  /** What came and was not asked for yet. */
  readonly inbox: TrackerMessage[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  send(message: ClientMessage): void;
  sendRaw(data: Uint8Array | string): void;
  /** The next message of this type, whatever else comes before it. Rejects where the socket closes first. */
  next<Type extends TrackerMessage["type"]>(type: Type): Promise<TrackerMessageOf<Type>>;
  /** Answers the nonce, with the key of an earlier connection where one is given; `changes` makes it wrong. */
  hello(changes?: Partial<ClientMessageOf<"hello">>, earlier?: TrackerClient): Promise<void>;
  /** HELLO and WELCOME. */
  admit(): Promise<TrackerMessageOf<"welcome">>;
  /** All the way into a swarm; resolves with the candidates. */
  enter(
    contentId: string,
    changes?: Partial<ClientMessageOf<"join">>,
  ): Promise<{ swarm: TrackerMessageOf<"swarm">; peers: TrackerMessageOf<"peers"> }>;
  /** PING, and its PONG: everything sent before has been handled. */
  roundTrip(): Promise<void>;
  close(): void;
}

interface Waiter {
  readonly type: string;
  resolve(message: TrackerMessage): void;
  reject(error: Error): void;
}

export async function connectTracker(
  url: string,
  headers: Record<string, string> = {},
): Promise<TrackerClient> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const sessionKey = rawPublicKeyOf(publicKey);
  const inbox: TrackerMessage[] = [];
  const waiters: Waiter[] = [];
  let pings = 0;

  socket.on("message", (data: Buffer) => {
    const decoded = decodeTrackerMessage(Uint8Array.from(data));
    if (!decoded.ok) throw new Error(`the tracker sent what does not decode: ${decoded.reason}`);
    const index = waiters.findIndex(({ type }) => type === decoded.value.type);
    if (index >= 0) waiters.splice(index, 1)[0]?.resolve(decoded.value);
    else inbox.push(decoded.value);
  });
  const closed = new Promise<number>((resolve) => {
    socket.once("close", (code) => {
      for (const waiter of waiters.splice(0))
        waiter.reject(new Error(`closed while waiting for ${waiter.type}`));
      resolve(code);
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});

  const client: TrackerClient = {
    socket,
    sessionKey,
    privateKey,
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
    inbox,
    closed,
    send: (message) => socket.send(encodeClientMessage(message)),
    sendRaw: (data) => socket.send(data),
    next<Type extends TrackerMessage["type"]>(type: Type) {
      return new Promise<TrackerMessageOf<Type>>((resolve, reject) => {
        const index = inbox.findIndex((message) => message.type === type);
        if (index >= 0) resolve(inbox.splice(index, 1)[0] as TrackerMessageOf<Type>);
        else if (socket.readyState === socket.CLOSED) reject(new Error(`closed before ${type}`));
        else waiters.push({ type, resolve: resolve as Waiter["resolve"], reject });
      });
    },
    async hello(changes = {}, signer = client) {
      const { nonce, trackerId } = await client.next("nonce");
      const { token = "", delegation = new Uint8Array(0) } = changes;
      const preimage = helloPreimage(nonce, trackerId, sha256(token), sha256(delegation));
      client.send({
        type: "hello",
        version: PROTOCOL_VERSION,
        sessionKey: signer.sessionKey,
        signature: new Uint8Array(sign(null, preimage, signer.privateKey)),
        token,
        delegation,
        resumeTicket: new Uint8Array(0),
        client: "test",
        ...changes,
      });
    },
    async admit() {
      await client.hello();
      return client.next("welcome");
    },
    async enter(contentId, changes = {}) {
      await client.admit();
      client.send(joinMessage(contentId, changes));
      return { swarm: await client.next("swarm"), peers: await client.next("peers") };
    },
    async roundTrip() {
      const nonce = ++pings;
      client.send({ type: "ping", nonce });
      const pong = await client.next("pong");
      if (pong.nonce !== nonce) throw new Error(`pong ${pong.nonce} for ping ${nonce}`);
    },
    close: () => socket.close(),
  };
  return client;
}
