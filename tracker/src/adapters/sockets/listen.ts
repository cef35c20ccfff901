import type { SocketOptions, SocketServer } from "./contract.ts";
import { loadUws } from "./uws-module.ts";
import { listenUws } from "./uws.ts";
import { listenWs } from "./ws.ts";

export type SocketsChoice = "uws" | "ws" | "auto";

/** @throws ListenError, and an Error where uWebSockets.js is insisted on but does not load. */
export async function listen(choice: SocketsChoice, options: SocketOptions): Promise<SocketServer> {
  const uws = choice === "ws" ? null : loadUws();
  if (uws !== null) return listenUws(uws, options);
  if (choice === "uws") throw new Error("uWebSockets.js does not load on this system; use --sockets ws");
  return listenWs(options);
}
