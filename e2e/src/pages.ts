import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MountHandler } from "@tributary/demo-player/origin";
import { buildViewerScript } from "./page/build.ts";

const SDK_DIST = fileURLToPath(new URL("../../sdk/dist/", import.meta.url));
const HLS_JS = join(dirname(createRequire(import.meta.url).resolve("hls.js")), "hls.min.js");

export const PAGES_PREFIX = "/e2e/";
export const VIEWER_PAGE = `${PAGES_PREFIX}viewer.html`;

const VIEWER_HTML = `<!doctype html>
<meta charset="utf-8" />
<title>viewer</title>
<link rel="icon" href="data:," />
<video playsinline></video>
<script src="hls.min.js"></script>
<script type="module" src="viewer.js"></script>
`;

export interface Pages {
  readonly serve: MountHandler;
  set(name: string, text: string): void;
}

/** The viewer page, hls.js and the built SDK, and whatever pages a test brings. */
export async function createPages(): Promise<Pages> {
  const files = new Map<string, string | Buffer>([
    ["viewer.html", VIEWER_HTML],
    ["viewer.js", await buildViewerScript()],
    ["hls.min.js", readFileSync(HLS_JS)],
    ["tributary.mjs", readFileSync(builtSdk("tributary.mjs"))],
    ["tributary.min.js", readFileSync(builtSdk("tributary.min.js"))],
    ["tributary.earn.mjs", readFileSync(builtSdk("tributary.earn.mjs"))],
  ]);
  return {
    set: (name, text) => void files.set(name, text),
    serve(_request, response, url) {
      const name = url.pathname.slice(PAGES_PREFIX.length);
      const file = files.get(name);
      response.statusCode = file === undefined ? 404 : 200;
      response.setHeader("Content-Type", name.endsWith(".html") ? "text/html" : "text/javascript");
      response.end(file);
    },
  };
}

function builtSdk(name: string): string {
  const path = join(SDK_DIST, name);
  if (!existsSync(path)) throw new Error(`sdk/dist/${name} is not there: run \`npm run build\` first`);
  return path;
}
