import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  // The tracker may lie in a folder of a proxy's.
  base: "./",
  publicDir: false,
  build: {
    outDir: here("../dist/earnings"),
    emptyOutDir: true,
    target: "es2022",
    // The page's security policy allows files of its own server only, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
