import { fileURLToPath } from "node:url";
import { defineConfig, type InlineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/**
 * What keeps Node, and stand-ins for what browsers have by themselves, out of the bundle; for every build that takes
 * the SDK from source.
 */
export const browserAliases = Object.fromEntries(
  ["debug", "streamx", "uint8-util", "webrtc-polyfill"].map((name) => [name, path(`shims/${name}.ts`)]),
);

export type Format = "module" | "script";

/** `module` = tributary.mjs for bundlers, `script` = tributary.min.js with the global `Tributary`. */
export function libraryConfig(format: Format): InlineConfig {
  const script = format === "script";
  return {
    configFile: false,
    root: path("."),
    logLevel: "warn",
    resolve: { alias: browserAliases },
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      target: "es2022",
      outDir: path("dist"),
      emptyOutDir: false,
      minify: script ? "oxc" : false,
      sourcemap: true,
      lib: {
        entry: path(script ? "src/script-tag.ts" : "src/index.ts"),
        name: "Tributary",
        formats: [script ? "iife" : "es"],
        fileName: () => (script ? "tributary.min.js" : "tributary.mjs"),
      },
    },
  };
}

/** `npx vite build sdk` makes the module; `sdk/build.ts` makes everything. */
export default defineConfig(libraryConfig("module"));
