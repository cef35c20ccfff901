import {
  decodeTrackerMessage,
  encodeClientMessage,
  type ClientMessage,
  type ErrorCode,
  type TrackerMessage,
  type TrackerMessageOf,
} from "@tributary/protocol";
import type { Clock } from "../../driver-contract.ts";
import { helloFor, versionObjection, type Credentials } from "./handshake.ts";

/** The browser's WebSocket, or the one of `ws`. */
export type WebSocketConstructor = new (url: string) => WebSocket;

/** Why a connection ended. */
export type Ending =
  /** Broken or unreachable: worth another try. */
  | { readonly kind: "lost"; readonly reason: string }
  /** The tracker does not want us, or we cannot understand each other. */
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly reason: string };

export interface ConnectionHandlers {
  welcome(welcome: TrackerMessageOf<"welcome">, trackerId: Uint8Array): void;
  /** Only after `welcome`. */
  message(message: Exclude<TrackerMessage, { type: "nonce" | "welcome" | "pong" }>): void;
  /** The last call; none comes after `close()`. */
  ended(ending: Ending): void;
}

export interface Connection {
  /** False where it could not go out. @throws RangeError for a message that cannot be encoded. */
  send(message: ClientMessage): boolean;
  close(): void;
}

const handshakeMaxMs = 10_000;
/** Proxies commonly cut sockets after 60 s of silence; a dead path is noticed within half a minute. */
const pingAfterSilenceMs = 20_000;
const pongMaxMs = 10_000;

type Phase =
  | { readonly phase: "awaiting-nonce" }
  | { readonly phase: "awaiting-welcome"; readonly trackerId: Uint8Array }
  | { readonly phase: "welcomed" }
  | { readonly phase: "over" };

/** One socket, from dialling to its end. @throws where the browser refuses the address. */
export function openConnection(
  url: string,
  resumeTicket: Uint8Array,
  environment: {
    readonly clock: Clock;
    readonly WebSocket: WebSocketConstructor;
    readonly credentials: Credentials;
  },
  handlers: ConnectionHandlers,
): Connection {
  const { clock, credentials } = environment;
  const socket = new environment.WebSocket(url);
  socket.binaryType = "arraybuffer";
  let phase: Phase = { phase: "awaiting-nonce" };
  let callOff = clock.after(handshakeMaxMs, () => end({ kind: "lost", reason: "no handshake in time" }));

  function close(): boolean {
    if (phase.phase === "over") return false;
    phase = { phase: "over" };
    callOff();
    socket.onmessage = socket.onclose = null;
    socket.close();
    return true;
  }
  function end(ending: Ending): void {
    if (close()) handlers.ended(ending);
  }

  function send(message: ClientMessage): boolean {
    if (phase.phase === "over" || socket.readyState !== 1) return false;
    socket.send(encodeClientMessage(message));
    return true;
  }

  /** Every sign of life puts the next PING off. */
  function heard(): void {
    if (phase.phase !== "welcomed") return;
    callOff();
    callOff = clock.after(pingAfterSilenceMs, () => {
      send({ type: "ping", nonce: 1 });
      callOff = clock.after(pongMaxMs, () => end({ kind: "lost", reason: "the tracker fell silent" }));
    });
  }

  function receive(message: TrackerMessage): void {
    if (message.type === "error" && message.fatal) {
      const { code, message: reason } = message;
      return end(worthAnotherTry(code) ? { kind: "lost", reason } : { kind: "refused", code, reason });
    }
    if (phase.phase === "welcomed") {
      if (message.type === "nonce" || message.type === "welcome" || message.type === "pong") return;
      return handlers.message(message);
    }
    if (phase.phase === "awaiting-nonce" && message.type === "nonce") {
      const objection = versionObjection(message);
      if (objection !== null) return end({ kind: "refused", code: "version", reason: objection });
      phase = { phase: "awaiting-welcome", trackerId: message.trackerId };
      return void helloFor(message, resumeTicket, credentials)
        .then(send)
        .catch((error: unknown) => {
          const reason = `signing in failed: ${error instanceof Error ? error.message : String(error)}`;
          end({ kind: "lost", reason });
        });
    }
    if (phase.phase === "awaiting-welcome" && message.type === "welcome") {
      const { trackerId } = phase;
      phase = { phase: "welcomed" };
      heard();
      handlers.welcome(message, trackerId);
    }
  }

  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    heard();
    const decoded =
      data instanceof ArrayBuffer
        ? decodeTrackerMessage(new Uint8Array(data))
        : ({ ok: false, reason: "it sent text" } as const);
    if (decoded.ok) return receive(decoded.value);
    // Newer trackers may send what this version does not know; before WELCOME it means that this is no tracker.
    if (phase.phase !== "welcomed") {
      end({
        kind: "refused",
        code: "bad-message",
        reason: `the server does not speak as a tracker: ${decoded.reason}`,
      });
    }
  };
  // A failed socket always fires close too; without a listener `ws` would throw its errors.
  socket.onerror = () => {};
  socket.onclose = () =>
    end({
      kind: "lost",
      reason: phase.phase === "welcomed" ? "the connection broke" : "no connection could be made",
    });

  return { send, close: () => void close() };
}

function worthAnotherTry(code: ErrorCode): boolean {
  return (
    code === "shutting-down" || code === "internal" || code === "rate-limited" || code === "unknown-swarm"
  );
}
