import type Hls from "hls.js";
import { startEngine, type Engine } from "./engine.ts";
import { resolveOptions, type EngineOptions } from "./options.ts";
import { autoOptions } from "./script-tag/attributes.ts";
import { wrapGlobalHls } from "./script-tag/wrap-hls.ts";

export { version } from "./version.ts";

interface Made {
  readonly live: Set<Engine>;
  count: number;
}

/** One for all copies of this script in a page: the one that wraps Hls may not be the one that is asked. */
const shared = window as unknown as Record<symbol, Made | undefined>;
const made = (shared[Symbol.for("tributary.engines")] ??= { live: new Set(), count: 0 });
const { live } = made;

/** The engines of this page that were not destroyed yet. */
export const engines: ReadonlySet<Engine> = live;

export function createEngine(options: EngineOptions = {}): Engine {
  const engine = startEngine(options, () => live.delete(engine));
  live.add(engine);
  made.count += 1;
  return engine;
}

let unwrapped: string | null = null;

/** In plain words: does the script tag reach the page's players, and what does each of their engines say? */
export function explain(): string {
  if (live.size > 0) return [...live].map((engine) => engine.explain()).join("\n\n");
  if (made.count > 0) return "The engine was destroyed: CDN only.";
  return (
    unwrapped ??
    "No player was made through window.Hls. A page that bundles hls.js as a module can not be reached by a " +
      'script tag: import { createEngine } from "@tributary/sdk" there instead.'
  );
}

function start(): void {
  const script = document.currentScript;
  if (!script)
    return void (unwrapped = "Loaded as a module, so there is no script tag to read: use createEngine.");
  const options = autoOptions(script.dataset);
  if (!options) return void (unwrapped = 'data-auto="off": use Tributary.createEngine.');
  // Told once here rather than at each player.
  resolveOptions(options);
  // A misspelt attribute looks like somebody else's, and a page without a tracker like one without viewers.
  if (!options.tracker) console.warn("tributary: no data-tracker, so everything comes from the CDN");
  wrapGlobalHls(window as unknown as { Hls?: typeof Hls }, () => {
    const engine = createEngine(options);
    // The page's code does not know that there is an engine: its console is where somebody looks.
    engine.on("warning", ({ code, message }) => console.warn(`tributary: ${code}: ${message}`));
    return engine;
  });
}

try {
  start();
} catch (error) {
  unwrapped = `The script tag does nothing: ${String(error)}`;
  console.warn("tributary: the page plays without it", error);
}
