import { fileURLToPath } from "node:url";
import { defineConfig, type InlineConfig } from "vite";
import { trimSimplePeer } from "./minify/trim-simple-peer.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/**
 * What keeps Node, and stand-ins for what browsers have by themselves, out of the bundle; for every build that takes
 * the SDK from source.
 */
export const browserAliases = Object.fromEntries(
  ["streamx", "uint8-util", "webrtc-polyfill"].map((name) => [name, path(`shims/${name}.ts`)]),
);

export type Format = "module" | "script" | "earn";

export const ENTRIES = {
  module: { entry: "src/index.ts", file: "tributary.mjs" },
  script: { entry: "src/script-tag.ts", file: "tributary.min.js" },
  earn: { entry: "src/driver/earn-module.ts", file: "tributary.earn.mjs" },
} as const;

/**
 * `module` = tributary.mjs for bundlers, `script` = tributary.min.js with the global `Tributary`, `earn` = what the
 * script loads when somebody may earn something.
 */
export function libraryConfig(format: Format): InlineConfig {
  const script = format === "script";
  const { entry, file } = ENTRIES[format];
  return {
    configFile: false,
    root: path("."),
    logLevel: "warn",
    resolve: {
      alias: [
        ...Object.entries(browserAliases).map(([find, replacement]) => ({ find, replacement })),
        ...(script
          ? [{ find: /^\.\/load-earning\.ts$/, replacement: path("src/driver/load-earning-script.ts") }]
          : []),
      ],
    },
    plugins: [trimSimplePeer()],
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      target: "es2022",
      outDir: path("dist"),
      emptyOutDir: false,
      // The script tag's two files are minified together, see minify/.
      minify: false,
      rolldownOptions: { output: { codeSplitting: false } },
      sourcemap: true,
      lib: {
        entry: path(entry),
        name: "Tributary",
        formats: [script ? "iife" : "es"],
        fileName: () => file,
      },
    },
  };
}

/** `npx vite build sdk` makes the module; `sdk/build.ts` makes everything. */
export default defineConfig(libraryConfig("module"));
