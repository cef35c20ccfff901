import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("page"),
  publicDir: false,
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2022",
    // The page's security policy allows files of its own server only, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // hls.js alone is larger than the default limit of 500 kB.
    chunkSizeWarningLimit: 1_500,
    rolldownOptions: {
      input: [here("page/index.html"), here("page/viewer.html")],
      // A slow machine is no news.
      checks: { pluginTimings: false },
    },
  },
});
