import type * as accounting from "./accounting.ts";

/** Only known while the script itself runs. */
const script = document.currentScript;

/** Beside the script tag's one file lies a second one, which only those fetch who are granted something. */
export async function loadAccounting(): Promise<typeof accounting.createAccounting> {
  if (!(script instanceof HTMLScriptElement) || script.src === "")
    throw new Error("the script has no address");
  const url = new URL("tributary.earn.mjs", script.src).href;
  const { createAccounting } = (await import(/* @vite-ignore */ url)) as typeof accounting;
  return createAccounting;
}
