import { fileURLToPath } from "node:url";
import { buildPage, type BuildOptions, EARNINGS_PAGE, type PageBuild } from "../tracker/page-build.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the built page lies. */
export const DEMO_PLAYER_DIST = here("dist");

const DEMO_PAGE: PageBuild = {
  config: here("vite.config.ts"),
  // Other packages' versions come with the lockfile.
  inputs: [
    "page",
    "src/status.ts",
    "vite.config.ts",
    "../sdk/src",
    "../protocol/src",
    "../tracker/look",
    "../package-lock.json",
  ].map(here),
  folder: DEMO_PLAYER_DIST,
};

/** Builds what a browser sees of the demo: its page, and the tracker's. Returns false where all is up to date already. */
export async function buildDemoPlayer(options: BuildOptions = {}): Promise<boolean> {
  let told = false;
  const once = {
    ...options,
    onStart() {
      if (!told) options.onStart?.();
      told = true;
    },
  };
  const built = [await buildPage(DEMO_PAGE, once), await buildPage(EARNINGS_PAGE, once)];
  return built.includes(true);
}
