import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** From RFC 6455, section 1.3. */
const HANDSHAKE_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface RawTracker {
  readonly url: string;
  /** Connections so far. */
  connectionCount(): number;
  close(): Promise<void>;
}

/** A WebSocket server that sends each newcomer the given binary messages and listens to nothing. */
export async function startRawTracker(messages: readonly Uint8Array[]): Promise<RawTracker> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  const server = createServer((_request, response) => void response.writeHead(404).end());
  server.on("upgrade", (request, stream) => {
    const socket = stream as Socket;
    connectionCount += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}${HANDSHAKE_SALT}`)
      .digest("base64");
    const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
    for (const message of messages) socket.write(binaryFrame(message));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectionCount: () => connectionCount,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function binaryFrame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  const header = message.length < 126 ? Buffer.of(0x82, message.length) : Buffer.of(0x82, 126, ...length);
  return Buffer.concat([header, message]);
}
