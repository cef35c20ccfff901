import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MountHandler } from "@tributary/demo-player/origin";
import { build, type Rolldown } from "vite";
import { KINDS, type KindName } from "../kinds.ts";

export const PAGE_PREFIX = "/bench/";

/** Two of these make a raw data channel. */
export const RAW_CHANNEL_PAGE = `${PAGE_PREFIX}raw-channel.html`;

export function viewerPagePath(kind: KindName): string {
  return `${PAGE_PREFIX}viewer-${KINDS[kind].hlsVersion}.html?kind=${kind}`;
}

const html = (hlsScript: string) => `<!doctype html>
<meta charset="utf-8" />
<title>bench viewer</title>
<link rel="icon" href="data:," />
<script type="importmap">{ "imports": { "p2p-media-loader-core": "${PAGE_PREFIX}p2pml-core.js" } }</script>
<video muted playsinline></video>
<script src="${hlsScript}"></script>
<script type="module" src="viewer.js"></script>
`;

/**
 * Serves the viewer pages. They take hls.js 1.7 and the built SDK from where the e2e pages have them, hls.js 1.6 and
 * P2P Media Loader as their packages ship them.
 */
export async function buildViewerPages(): Promise<MountHandler> {
  const files = new Map([
    ["viewer-1.7.html", html("/e2e/hls.min.js")],
    ["viewer-1.6.html", html(`${PAGE_PREFIX}hls-1.6.min.js`)],
    ["raw-channel.html", `<!doctype html><script type="module" src="raw-channel.js"></script>`],
    ["raw-channel.js", await buildScript(new URL("../../page/raw-channel.ts", import.meta.url))],
    ["viewer.js", await buildScript(new URL("../../page/viewer.ts", import.meta.url))],
    ["hls-1.6.min.js", shipped("hls.js-1.6", "dist/hls.min.js")],
    ["p2pml.js", shipped("p2p-media-loader-hlsjs", "dist/p2p-media-loader-hlsjs.es.min.js")],
    ["p2pml-core.js", shipped("p2p-media-loader-core", "dist/p2p-media-loader-core.es.min.js")],
  ]);
  return (_request, response, url) => {
    const name = url.pathname.slice(PAGE_PREFIX.length);
    const file = files.get(name);
    response.statusCode = file === undefined ? 404 : 200;
    response.setHeader("Content-Type", name.endsWith(".html") ? "text/html" : "text/javascript");
    response.end(file);
  };
}

async function buildScript(entry: URL): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target: "es2022", lib: { entry: fileURLToPath(entry), formats: ["es"] } },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  return output!.output[0].code;
}

/** A file of a package, also where its `exports` do not name it. */
function shipped(name: string, file: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const path = folders.map((folder) => join(folder, name, file)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`${name}/${file} is not there: run \`npm ci\` first`);
  return readFileSync(path, "utf8");
}
