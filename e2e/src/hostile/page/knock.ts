import {
  decodeHex,
  decodeTrackerMessage,
  encodeClientMessage,
  type ClientMessage,
} from "@tributary/protocol";
import type { KnockConfig, KnockReport } from "../contract.ts";
import { createIdentity } from "./identity.ts";
import { helloFor } from "./tracker-session.ts";

/** Comes with a stranger's token or public key, and signs with its own private one. Ends when the tracker has decided. */
export async function knock({ tracker, contentId, token, sessionKey }: KnockConfig): Promise<KnockReport> {
  const own = await createIdentity();
  const identity = sessionKey === null ? own : { ...own, sessionKey: decodeHex(sessionKey)! };
  const socket = new WebSocket(tracker);
  socket.binaryType = "arraybuffer";
  const send = (message: ClientMessage) =>
    socket.send(encodeClientMessage(message) as Uint8Array<ArrayBuffer>);
  const errors: KnockReport["errors"][number][] = [];
  let peersNamed: number | null = null;
  let welcomed = false;
  await new Promise<void>((resolve) => {
    socket.onclose = () => resolve();
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const decoded = decodeTrackerMessage(new Uint8Array(data));
      if (!decoded.ok) throw new Error(decoded.reason);
      const message = decoded.value;
      if (message.type === "nonce") void helloFor(message, identity, { token }).then(send);
      if (message.type === "error") errors.push({ ...message });
      if (message.type === "welcome") {
        welcomed = true;
        send({ type: "join", contentId, wantedPeers: 50, role: "viewer", origins: [location.origin] });
      }
      if (message.type !== "peers") return;
      peersNamed = message.peers.length;
      resolve();
    };
  });
  socket.close();
  return { welcomed, peersNamed, errors };
}
