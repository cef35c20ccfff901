import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the built page lies. */
export const DEMO_PLAYER_DIST = fileURLToPath(new URL("dist", import.meta.url));

const STAMP = join(DEMO_PLAYER_DIST, ".built-from");

/** Everything that ends up in the page; other packages' versions come with the lockfile. */
const INPUTS = [
  "page",
  "src/status.ts",
  "vite.config.ts",
  "../sdk/src",
  "../protocol/src",
  "../package-lock.json",
];

export interface BuildOptions {
  /** Build although nothing changed. */
  readonly force?: boolean;
  /** Told when a build begins: it takes a moment. */
  readonly onStart?: () => void;
}

/** Builds the page into `demo-player/dist/`. Returns false where what lies there is up to date already. */
export async function buildDemoPlayer({ force = false, onStart }: BuildOptions = {}): Promise<boolean> {
  const wanted = digestOf(INPUTS.map((path) => fileURLToPath(new URL(path, import.meta.url))));
  if (!force && wanted === readStamp()) return false;
  onStart?.();
  const { build } = await import("vite");
  await build({ configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)), logLevel: "warn" });
  writeFileSync(STAMP, wanted);
  return true;
}

function readStamp(): string | null {
  try {
    return readFileSync(STAMP, "utf8");
  } catch {
    return null;
  }
}

/** Contents rather than times: a fresh checkout is no reason to build. */
function digestOf(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of filesIn(path)) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter((entry) => !entry.name.endsWith(".test.ts"))
    .flatMap((entry) => filesIn(join(path, entry.name)));
}
