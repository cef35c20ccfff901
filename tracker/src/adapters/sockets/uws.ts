import { STATUS_CODES } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import {
  backpressureBytesMax,
  httpBodyBytesMax,
  lastForwardedAddress,
  socketMessageBytesMax,
  type Socket,
  type SocketEvents,
  type SocketOptions,
  type SocketServer,
} from "./contract.ts";
import type { UwsApp, UwsModule, UwsRequest, UwsResponse, UwsWebSocket } from "./uws-module.ts";

/** What uWebSockets.js carries along with each socket. */
interface Client {
  readonly address: string;
  readonly pageOrigin: string;
  events: SocketEvents | null;
  ended: boolean;
  slow: boolean;
}

/**
 * uWebSockets.js calls a socket closed as soon as its close frame is on the way, and cutting it at once could lose
 * what the client has not read.
 */
const lastWordsMs = 100;

/** The sockets of choice: native code, which leaves more of the CPU to the tracker itself than `ws`. @throws ListenError */
export async function listenUws(uws: UwsModule, options: SocketOptions): Promise<SocketServer> {
  const app = uws.App();
  let lastEndMs = Number.NEGATIVE_INFINITY;
  const onEnd = () => (lastEndMs = performance.now());
  app.ws<Client>("/*", {
    maxPayloadLength: socketMessageBytesMax,
    maxBackpressure: backpressureBytesMax,
    closeOnBackpressureLimit: true,
    // The core ends silent sessions.
    idleTimeout: 0,
    compression: uws.DISABLED,
    upgrade(response, request, context) {
      const client: Client = {
        address: addressOf(options, response, request),
        pageOrigin: request.getHeader("origin"),
        events: null,
        ended: false,
        slow: false,
      };
      const header = (name: string) => request.getHeader(`sec-websocket-${name}`);
      response.upgrade(client, header("key"), header("protocol"), header("extensions"), context);
    },
    open(socket) {
      const client = socket.getUserData();
      client.events = options.accept(facade(socket, client, onEnd));
    },
    message(socket, message, isBinary) {
      const { events } = socket.getUserData();
      if (isBinary) events?.message(new Uint8Array(message));
      else events?.text(message.byteLength);
    },
    close(socket) {
      const client = socket.getUserData();
      client.ended = true;
      client.events?.closed(client.slow ? "slow-reader" : "ended");
    },
  });
  app.any("/*", (response, request) => respond(options, response, request));

  let token = await listenOn(uws, app, options).catch((error: unknown) => {
    app.close();
    throw error;
  });
  const port = uws.us_socket_local_port(token);
  const stopListening = () => {
    if (token) uws.us_listen_socket_close(token);
    token = null;
  };
  return {
    kind: "uws",
    port,
    stopListening,
    async close() {
      stopListening();
      const waitMs = lastEndMs + lastWordsMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      app.close();
    },
  };
}

/** Clients that do not answer the close frame are cut by uWebSockets.js itself after some seconds. */
function facade(socket: UwsWebSocket<Client>, client: Client, onEnd: () => void): Socket {
  return {
    address: client.address,
    pageOrigin: client.pageOrigin,
    send(bytes) {
      if (client.ended || client.slow || socket.send(bytes, true) !== 2) return;
      client.slow = true;
      socket.close();
    },
    end(reason) {
      if (client.ended || client.slow) return;
      client.ended = true;
      onEnd();
      socket.end(1000, reason);
    },
  };
}

function addressOf(options: SocketOptions, response: UwsResponse, request: UwsRequest): string {
  const forwarded = options.trustProxy ? lastForwardedAddress(request.getHeader("x-forwarded-for")) : null;
  return forwarded ?? Buffer.from(response.getRemoteAddressAsText()).toString();
}

function respond(options: SocketOptions, response: UwsResponse, request: UwsRequest): void {
  let aborted = false;
  response.onAborted(() => (aborted = true));
  // The request must not be touched after this function returns.
  const method = request.getMethod().toUpperCase();
  const path = request.getUrl();
  const query = request.getQuery() ?? "";
  const address = addressOf(options, response, request);
  const authorization = request.getHeader("authorization");
  const asked = (body: Uint8Array | null) =>
    options.answer({ method, path, query, address, authorization, body });
  const answer =
    method === "GET" || method === "HEAD" ? asked(new Uint8Array(0)) : bodyOf(response).then(asked);
  void answer.then(({ status, headers, body }) => {
    if (aborted) return;
    response.cork(() => {
      response.writeStatus(`${status} ${STATUS_CODES[status] ?? ""}`);
      for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value);
      if (method === "HEAD") response.endWithoutBody(Buffer.byteLength(body));
      else response.end(body);
    });
  });
}

/** Null where it is too long; never resolves where the client goes away. */
function bodyOf(response: UwsResponse): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    response.onData((chunk, isLast) => {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > httpBodyBytesMax) return resolve(null);
      // The memory of a chunk is used again for the next one.
      chunks.push(new Uint8Array(chunk.slice(0)));
      if (isLast) resolve(new Uint8Array(Buffer.concat(chunks)));
    });
  });
}

/** Another program may take a free port between the moment it is picked and the moment it is used. */
const pickTriesMax = 5;

/**
 * Free ports are picked here: listening on port 0, uWebSockets.js leaves out SO_REUSEADDR, and a tracker that is
 * killed could not come back on its port for a minute.
 */
async function listenOn(uws: UwsModule, app: UwsApp, { host, port }: SocketOptions): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    const picked = port === 0 ? await tryPort(host, 0) : port;
    const token = await new Promise((resolve) => {
      app.listen(host, picked, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, resolve);
    });
    if (token) return token;
    if (port !== 0 || tries === pickTriesMax) throw await whyNotListening(host, picked);
  }
}

/** Listens for a moment, and resolves with the port. */
function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ host, port }, () => {
      const { port: found } = probe.address() as AddressInfo;
      probe.close(() => resolve(found));
    });
  });
}

/** uWebSockets.js does not say why it cannot listen; Node does. */
function whyNotListening(host: string, port: number): Promise<Error> {
  const unexplained = () => Object.assign(new Error(`cannot listen on port ${port}`), { code: "EADDRINUSE" });
  return tryPort(host, port).then(unexplained, (error: Error) => error);
}
