import {
  decodeTrackerMessage,
  encodeClientMessage,
  helloPreimage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type TrackerMessage,
  type TrackerMessageOf,
} from "@tributary/protocol";
import { type Identity, sha256 } from "./identity.ts";

export interface TrackerSession {
  send(message: ClientMessage): void;
}

/** Enters a swarm with a handshake as honest as any. Resolves with the first PEERS, which `heard` gets as well. */
export function enterSwarm(
  url: string,
  contentId: string,
  identity: Identity,
  heard: (message: TrackerMessage, session: TrackerSession) => void,
): Promise<TrackerSession> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const session: TrackerSession = {
      send(message) {
        if (socket.readyState === WebSocket.OPEN) socket.send(encodeClientMessage(message));
      },
    };
    socket.onclose = () => reject(new Error("the tracker has closed the socket"));
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const decoded = decodeTrackerMessage(new Uint8Array(data));
      if (!decoded.ok) return reject(new Error(decoded.reason));
      const message = decoded.value;
      if (message.type === "nonce") void helloFor(message, identity).then(session.send);
      if (message.type === "welcome")
        session.send({
          type: "join",
          contentId,
          wantedPeers: 50,
          role: "viewer",
          origins: [location.origin],
        });
      if (message.type === "error" && message.fatal) reject(new Error(message.message));
      heard(message, session);
      if (message.type === "peers") resolve(session);
    };
  });
}

/** What it brings that may be somebody else's. */
export interface Shown {
  readonly token?: string;
  readonly delegation?: Uint8Array;
}

export async function helloFor(
  { nonce, trackerId }: TrackerMessageOf<"nonce">,
  identity: Identity,
  { token = "", delegation = new Uint8Array(0) }: Shown = {},
): Promise<ClientMessage> {
  const tokenHash = await sha256(new TextEncoder().encode(token));
  const preimage = helloPreimage(nonce, trackerId, tokenHash, await sha256(delegation));
  return {
    type: "hello",
    version: PROTOCOL_VERSION,
    sessionKey: identity.sessionKey,
    signature: await identity.sign(preimage),
    token,
    delegation,
    resumeTicket: new Uint8Array(0),
    client: "hostile/1",
  };
}
