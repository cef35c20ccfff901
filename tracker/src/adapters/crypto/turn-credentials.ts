import { createHmac } from "node:crypto";
import type { IceServer, PeerKey } from "@tributary/protocol";

export interface TurnOptions {
  /** coturn's `static-auth-secret`. */
  readonly secret: string;
  /** "turn:host:3478?transport=udp" and the like. */
  readonly urls: readonly string[];
  readonly lifetimeMs: number;
}

/**
 * A TURN server with credentials that it checks by itself ("REST API for access to TURN services",
 * draft-uberti-behave-turn-rest; coturn: `use-auth-secret`): the name says until when, the password is its HMAC-SHA1.
 */
export function turnServerFor(
  { secret, urls, lifetimeMs }: TurnOptions,
  peer: PeerKey,
  nowMs: number,
): IceServer {
  const username = `${Math.floor((nowMs + lifetimeMs) / 1000)}:${peer}`;
  return { urls, username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}
