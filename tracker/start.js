/**
 * `npm run tracker`: starts what `npm run build` made, if that is there and no source is newer; else the sources
 * themselves, which takes a second longer.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUILT = new URL("dist/server/", import.meta.url);
const SOURCES = ["src", "../protocol/src", "../package-lock.json"].map(here);

/** When the build began, Unix time; 0 where there is none. */
function builtAtMs() {
  try {
    return Number(readFileSync(new URL("built-at", BUILT), "utf8"));
  } catch {
    return 0;
  }
}

/** Folders count too: what was added or taken away shows there. */
function changedAtMs(path) {
  const entry = statSync(path);
  const within = entry.isDirectory() ? readdirSync(path).map((name) => changedAtMs(`${path}/${name}`)) : [];
  return Math.max(entry.mtimeMs, ...within);
}

if (Math.max(...SOURCES.map(changedAtMs)) < builtAtMs()) {
  await import(new URL("main.js", BUILT).href);
} else {
  const { register } = await import("tsx/esm/api");
  register();
  await import("./src/main.ts");
}
