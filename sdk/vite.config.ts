import { fileURLToPath } from "node:url";
import { defineConfig, type InlineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

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
      alias: script
        ? [{ find: /^\.\/load-earning\.ts$/, replacement: path("src/driver/load-earning-script.ts") }]
        : [],
    },
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
