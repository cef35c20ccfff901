import { loadUws } from "../adapters/sockets/uws-module.ts";

/** Every adapter that this system can run: one suite is run against all of them. */
export const SOCKET_KINDS: readonly ("uws" | "ws")[] = loadUws() === null ? ["ws"] : ["uws", "ws"];
