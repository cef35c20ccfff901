import type * as earnModule from "./earn-module.ts";

/** Only known while the script itself runs. */
const script = document.currentScript;

/** Beside the script tag's one file lies a second one, which only those fetch who may earn something. */
export async function loadEarning(): Promise<typeof earnModule> {
  // An inline script has no address, and so no neighbour: this throws.
  const url = new URL("tributary.earn.mjs", (script as HTMLScriptElement | null)?.src).href;
  return (await import(/* @vite-ignore */ url)) as typeof earnModule;
}
