import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const FOLDER = here("dist/server");

/** Bundles the tracker, a file for each of its threads: a restart then reads a few files and no TypeScript. */
export async function buildTracker(): Promise<void> {
  const startMs = Date.now();
  await build({
    configFile: false,
    root: here("."),
    logLevel: "warn",
    // These load binaries that lie beside them.
    ssr: { noExternal: true, external: ["better-sqlite3", "pg", "ws"] },
    build: {
      ssr: true,
      outDir: FOLDER,
      emptyOutDir: true,
      target: "node20",
      rolldownOptions: {
        input: { main: here("src/main.ts"), "ledger-worker": here("src/ledger-service/worker.ts") },
        // Beside each other: they find the tracker's other files from where they are.
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
        checks: { pluginTimings: false },
      },
    },
  });
  mkdirSync(FOLDER, { recursive: true });
  // `start.js` compares it with the sources.
  writeFileSync(`${FOLDER}/built-at`, String(startMs));
}
