import { startEngine, type Engine } from "./engine.ts";
import type { EngineOptions } from "./options.ts";

export type { Engine } from "./engine.ts";
export type { EngineOptions } from "./options.ts";
export type {
  EngineEvents,
  EngineStats,
  IceServer,
  PeerStats,
  TokenSource,
  TrackerState,
} from "./driver-contract.ts";
export type { ReceiptNews as ReceiptEvent } from "./core/receipt/model.ts";
export { version } from "./version.ts";

/** Throws a TypeError that names the option where one is wrong; any other trouble only costs P2P. */
export function createEngine(options: EngineOptions = {}): Engine {
  return startEngine(options, () => {});
}
