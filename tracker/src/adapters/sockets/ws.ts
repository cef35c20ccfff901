import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import {
  backpressureBytesMax,
  closeTimeoutMs,
  httpBodyBytesMax,
  lastForwardedAddress,
  socketMessageBytesMax,
  type SocketOptions,
  type SocketServer,
} from "./contract.ts";

/** A body that comes by the byte holds no connection longer than this. */
const requestTimeoutMs = 10_000;
/** How often Node looks whether one does: every 30 s if it is not told. */
const requestCheckMs = 2_000;

/** The sockets where no native binary loads: plain Node. @throws ListenError */
export async function listenWs(options: SocketOptions): Promise<SocketServer> {
  const timeouts = { requestTimeout: requestTimeoutMs, connectionsCheckingInterval: requestCheckMs };
  const server = createServer(timeouts, (request, response) => {
    void respond(options, request, response);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: socketMessageBytesMax,
    perMessageDeflate: false,
  });
  server.on("upgrade", (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => adopt(options, socket, request));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  server.on("error", (error) => process.emitWarning(error));
  return {
    kind: "ws",
    port: (server.address() as AddressInfo).port,
    stopListening() {
      server.close();
    },
    async close() {
      const closed = server.listening
        ? new Promise<void>((resolve) => server.close(() => resolve()))
        : Promise.resolve();
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await closed;
    },
  };
}

function adopt(options: SocketOptions, socket: WebSocket, request: IncomingMessage): void {
  let slow = false;
  let closeTimer: NodeJS.Timeout | undefined;
  const events = options.accept({
    address: addressOf(options, request),
    pageOrigin: request.headers.origin ?? "",
    send(bytes) {
      if (socket.readyState !== socket.OPEN || slow) return;
      socket.send(bytes);
      if (socket.bufferedAmount <= backpressureBytesMax) return;
      slow = true;
      socket.terminate();
    },
    end(reason) {
      socket.close(1000, reason);
      closeTimer ??= setTimeout(() => socket.terminate(), closeTimeoutMs);
    },
  });
  socket.on("message", (data, isBinary) => {
    const bytes = bytesOf(data);
    if (isBinary) events.message(bytes);
    else events.text(bytes.length);
  });
  // Frames that are too long or against the protocol: `ws` closes the socket by itself.
  socket.on("error", () => {});
  socket.once("close", () => {
    clearTimeout(closeTimer);
    events.closed(slow ? "slow-reader" : "ended");
  });
}

function addressOf({ trustProxy }: SocketOptions, { headers, socket }: IncomingMessage): string {
  const forwarded = trustProxy ? lastForwardedAddress(String(headers["x-forwarded-for"] ?? "")) : null;
  return forwarded ?? socket.remoteAddress ?? "";
}

/** A plain Uint8Array: a Buffer's slice would be a view where everybody else's is a copy. */
function bytesOf(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const { buffer, byteOffset, byteLength } = Array.isArray(data) ? Buffer.concat(data) : data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function respond(options: SocketOptions, request: IncomingMessage, response: ServerResponse) {
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  const method = request.method ?? "GET";
  const isRead = method === "GET" || method === "HEAD";
  const { status, headers, body } = await options.answer({
    method,
    path,
    query: query.join("?"),
    address: addressOf(options, request),
    authorization: request.headers.authorization ?? "",
    body: isRead ? new Uint8Array(0) : await bodyOf(request),
  });
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(method === "HEAD" ? undefined : body);
}

/** Null where it is too long; never resolves where the client goes away. */
function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > httpBodyBytesMax) resolve(null);
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(bytesOf(chunks)));
  });
}
