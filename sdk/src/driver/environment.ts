import type { WebSocketConstructor } from "../adapters/tracker/connection.ts";
import { createCore, type Core, type CoreConfig } from "../core/index.ts";

/** What the driver takes from the world around it. */
export interface DriverEnvironment {
  createCore(config: CoreConfig): Core;
  readonly fetch: typeof fetch;
  /** Without `subtle` on pages that are not secure contexts. */
  readonly crypto: Crypto | undefined;
  readonly WebSocket: WebSocketConstructor | undefined;
  /** Whether RTCPeerConnection exists. */
  readonly rtc: boolean;
  readonly random: () => number;
  /** Sends bytes while the page closes; null where the browser cannot. */
  readonly beacon: ((url: string, bytes: Uint8Array) => void) | null;
  /** null where the browser keeps nothing for this page. */
  readonly storage: Pick<Storage, "getItem" | "setItem"> | null;
}

export function browserEnvironment(): DriverEnvironment {
  return {
    createCore,
    fetch: (...request) => fetch(...request),
    crypto: globalThis.crypto,
    WebSocket: globalThis.WebSocket,
    rtc: typeof RTCPeerConnection === "function",
    random: Math.random,
    beacon:
      typeof navigator === "object" && "sendBeacon" in navigator
        ? (url, bytes) => void navigator.sendBeacon(url, bytes as Uint8Array<ArrayBuffer>)
        : null,
    storage: keptStorage(),
  };
}

/** Reading the property throws where cookies are refused, in sandboxed frames among others. */
function keptStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
