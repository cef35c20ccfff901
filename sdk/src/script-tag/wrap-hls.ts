import type Hls from "hls.js";
import type { Engine } from "../engine.ts";

type HlsClass = typeof Hls;

/** Answers on a wrapped class, so that a script tag included twice wraps once. */
const WRAPPED = Symbol.for("tributary.wrapped");

/** Every player that the page makes through `scope.Hls`, now or once hls.js has loaded, gets an engine of its own. */
export function wrapGlobalHls(scope: { Hls?: HlsClass }, newEngine: () => Engine): void {
  let current = wrap(scope.Hls, newEngine);
  Object.defineProperty(scope, "Hls", {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (value: HlsClass | undefined) => (current = wrap(value, newEngine)),
  });
}

function wrap(target: HlsClass | undefined, newEngine: () => Engine): HlsClass | undefined {
  // Pages put all kinds of things there, such as an object to configure a lazily loaded player.
  if (typeof target !== "function" || WRAPPED in target) return target;
  return new Proxy(target, {
    has: (hls, key) => key === WRAPPED || Reflect.has(hls, key),
    construct(hls, args: unknown[], newTarget: new () => unknown) {
      const player = (config: readonly unknown[]): Hls => Reflect.construct(hls, config, newTarget) as Hls;
      const engine = attempt(newEngine);
      if (!engine) return player(args);
      const own = args[0] as Parameters<Engine["hlsConfig"]>[0];
      const composed = attempt(() => engine.hlsConfig(own ?? {}));
      try {
        const made = player(composed ? [composed, ...args.slice(1)] : args);
        attempt(() => engine.attach(made));
        return made;
      } catch (error) {
        // The page's own configuration is wrong: it gets the error that plain hls.js throws.
        void engine.destroy();
        throw error;
      }
    },
  });
}

/** Whatever goes wrong on our side, the page gets its plain player. */
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    console.warn("tributary: this player goes without it", error);
    return null;
  }
}
