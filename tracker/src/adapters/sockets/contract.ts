import { MAX_TRACKER_MESSAGE_BYTES } from "@tributary/protocol";

/** Bytes that may wait for a slow reader: some thousand messages, far more than a live client lags behind. */
export const backpressureBytesMax = 1024 * 1024;
/** The socket itself refuses what is longer. Up to here a client still hears ERROR too-large. */
export const socketMessageBytesMax = 2 * MAX_TRACKER_MESSAGE_BYTES;
/** Longer bodies of HTTP requests are not read. */
export const httpBodyBytesMax = 64 * 1024;
/** A client that does not answer the close frame is not waited for longer than this. */
export const closeTimeoutMs = 2_000;

/** One client, as an adapter hands it to `accept`. */
export interface Socket {
  /** IP address as text; the proxy's word for it where `trustProxy` is set. */
  readonly address: string;
  /** The Origin header of the handshake, empty where there is none. Browsers tell the truth, programs what they like. */
  readonly pageOrigin: string;
  /** Sends one binary message; does nothing after the end. May call `closed` before it returns. */
  send(bytes: Uint8Array): void;
  /** Closes once everything sent before is flushed. May call `closed` before it returns. */
  end(reason: string): void;
}

export type CloseCause = "ended" | "slow-reader";

/** What the owner of a socket wants to hear. */
export interface SocketEvents {
  /** The bytes may be overwritten once this returns. */
  message(bytes: Uint8Array): void;
  /** A text frame, which the protocol does not have. */
  text(sizeBytes: number): void;
  /** Always called, exactly once, and the last call. */
  closed(cause: CloseCause): void;
}

export interface HttpRequest {
  readonly method: string;
  /** As in the request line, without the query. */
  readonly path: string;
  readonly query: string;
  /** The client's, as of a Socket. */
  readonly address: string;
  /** The Authorization header, empty where there is none. */
  readonly authorization: string;
  /** Null where there is more than `httpBodyBytesMax` of it; of GET and HEAD always empty. */
  readonly body: Uint8Array | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface SocketOptions {
  readonly host: string;
  /** Zero picks a free one. */
  readonly port: number;
  /** Take the client's address from the last entry of X-Forwarded-For. */
  readonly trustProxy: boolean;
  accept(socket: Socket): SocketEvents;
  /** Called for every HTTP request that is no WebSocket handshake, with its whole body. Must not reject. */
  answer(request: HttpRequest): Promise<HttpAnswer>;
}

export interface SocketServer {
  readonly kind: "uws" | "ws";
  readonly port: number;
  /** Refuses new connections; those that are open stay. */
  stopListening(): void;
  /** Cuts whatever is still open and frees the port. */
  close(): Promise<void>;
}

/** The address cannot be listened on: in use, forbidden or not of this machine. */
export interface ListenError extends Error {
  readonly code: string;
}

export function lastForwardedAddress(header: string): string | null {
  const last = header.split(",").at(-1)?.trim();
  return last ? last : null;
}
