import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One page that Vite builds. All paths are absolute. */
export interface PageBuild {
  readonly config: string;
  /** Everything that ends up in the page. */
  readonly inputs: readonly string[];
  readonly folder: string;
}

export interface BuildOptions {
  /** Build although nothing changed. */
  readonly force?: boolean;
  /** Told when a build begins: it takes a moment. */
  readonly onStart?: () => void;
}

/** Builds a page into its folder. Returns false where what lies there is up to date already. */
export async function buildPage(
  { config, inputs, folder }: PageBuild,
  { force = false, onStart }: BuildOptions = {},
): Promise<boolean> {
  const stamp = join(folder, ".built-from");
  const wanted = digestOf(inputs);
  if (!force && wanted === readStamp(stamp)) return false;
  onStart?.();
  const { build } = await import("vite");
  await build({ configFile: config, logLevel: "warn" });
  writeFileSync(stamp, wanted);
  return true;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page that the tracker serves at /earnings/. */
export const EARNINGS_PAGE: PageBuild = {
  config: here("earnings/vite.config.ts"),
  inputs: ["earnings", "look", "../protocol/src", "../package-lock.json"].map(here),
  folder: here("dist/earnings"),
};

function readStamp(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
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
