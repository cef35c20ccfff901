import type Hls from "hls.js";
import type { HlsConfig } from "hls.js";
import { createHlsAdapter } from "./adapters/hls/index.ts";
import type { EngineEvents, EngineStats, ReplayingDriver } from "./driver-contract.ts";
import { createDriver } from "./driver.ts";
import { browserEnvironment } from "./driver/environment.ts";
import { createIdleDriver } from "./idle-driver.ts";
import { resolveOptions, type EngineOptions } from "./options.ts";
import { createSleepingDriver } from "./sleeping-driver.ts";

/** Fetches one player's segments from other viewers where that is as good as the CDN. */
export interface Engine {
  /** Your own hls.js configuration, composed with ours: whatever loaders it sets are kept and used. */
  hlsConfig(own?: Partial<HlsConfig>): Partial<HlsConfig>;
  /**
   * Follows the player: buffer, playlists, lifecycle. Call it once, before `loadSource`. The engine is destroyed with
   * the player. Throws when another player is attached already, or this one is destroyed.
   */
  attach(hls: Hls): void;
  /** Subscribes to events; returns how to unsubscribe. Throws a TypeError for a type that does not exist. */
  on<K extends keyof EngineEvents>(type: K, listener: (event: EngineEvents[K]) => void): () => void;
  stats(): EngineStats;
  /** In plain words: what works, and why there is no P2P if there is none. */
  explain(): string;
  /** Stops taking from and giving to peers; playback goes on from the CDN. */
  pause(): void;
  resume(): void;
  /** Leaves no timer, socket, connection or listener behind. A player made with `hlsConfig` plays on from the CDN. */
  destroy(): Promise<void>;
}

const EVENT_TYPES: readonly (keyof EngineEvents)[] = ["stats", "peer", "segment", "receipt", "warning"];

/** Throws a TypeError that names the option where one is wrong; any other trouble only costs P2P. */
export function startEngine(options: EngineOptions, onDestroyed: () => void): Engine {
  const resolved = resolveOptions(options);
  const driver = createSleepingDriver((bornMs) =>
    startDriver(() => createDriver(resolved, browserEnvironment(), bornMs)),
  );
  let destroyed: Promise<void> | null = null;

  const adapter = createHlsAdapter({
    driver,
    contentId: resolved.contentId,
    trackKey: resolved.trackKey,
    segmentKey: resolved.segmentKey,
    // hls.js is in the middle of its own destroy(), which ends the loads in flight: those are not to be restarted.
    playerDestroyed: () => queueMicrotask(() => void destroy()),
  });

  function destroy(): Promise<void> {
    destroyed ??= (async () => {
      // The loads leave before the driver goes, so that each continues from the CDN rather than fail.
      adapter.release();
      onDestroyed();
      await driver.destroy();
    })();
    return destroyed;
  }

  return {
    hlsConfig: (own = {}) => adapter.hlsConfig(own),
    attach(hls) {
      if (typeof hls?.on !== "function" || hls.config === undefined)
        throw new TypeError("tributary: attach needs a player: new Hls(engine.hlsConfig())");
      if (destroyed) console.warn("tributary: attached to an engine that was destroyed: CDN only");
      adapter.attach(hls);
    },
    on(type, listener) {
      if (!EVENT_TYPES.includes(type))
        throw new TypeError(`tributary: no event "${String(type)}"; there are ${EVENT_TYPES.join(", ")}`);
      if (typeof listener !== "function")
        throw new TypeError(`tributary: the listener of "${type}" must be a function`);
      return driver.on(type, listener);
    },
    stats: () => driver.stats(),
    explain() {
      if (destroyed) return "The engine was destroyed: CDN only.";
      return (driver.active && adapter.obstacle()) || driver.explain();
    },
    pause: () => driver.pause(),
    resume: () => driver.resume(),
    destroy,
  };
}

function startDriver(start: () => ReplayingDriver): ReplayingDriver {
  try {
    return start();
  } catch (error) {
    console.warn("tributary: playing from the CDN only", error);
    return createIdleDriver(`The engine could not start here (${String(error)}): CDN only.`);
  }
}
