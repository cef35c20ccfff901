import { decodeTrackerMessage, encodeClientMessage } from "@tributary/protocol";
import type { GarbageReport } from "../contract.ts";
import { createIdentity } from "./identity.ts";
import { pause } from "./lie.ts";
import { helloFor } from "./tracker-session.ts";

/** Sends what no decoder takes, as fast as the socket goes, until it is cut off. */
export async function pester(url: string, greeted: boolean, framesMax: number): Promise<GarbageReport> {
  const identity = await createIdentity();
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const errors: { code: string; message: string; fatal: boolean }[] = [];
  let sent = 0;
  const started = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const decoded = decodeTrackerMessage(new Uint8Array(data));
      if (!decoded.ok) return;
      const message = decoded.value;
      if (message.type === "error") errors.push({ ...message });
      if (message.type === "nonce" && greeted)
        void helloFor(message, identity).then((hello) => socket.send(encodeClientMessage(hello)));
      if (message.type === (greeted ? "welcome" : "nonce")) resolve();
    };
  });
  await started;
  while (sent < framesMax && socket.readyState === WebSocket.OPEN) {
    socket.send(Uint8Array.from({ length: 1 + (sent % 200) }, (_, at) => (sent * 31 + at * 17) & 0xff));
    sent += 1;
    if (sent % 50 === 0) await pause(0);
  }
  if (socket.readyState !== WebSocket.CLOSED)
    await Promise.race([new Promise((resolve) => (socket.onclose = resolve)), pause(3_000)]);
  return { sent, errors, cut: socket.readyState === WebSocket.CLOSED };
}
