import { fileURLToPath } from "node:url";
import type { MountHandler } from "@tributary/demo-player/origin";
import { build, type Rolldown } from "vite";

export const PAGE_PREFIX = "/bench/";
export const VIEWER_PAGE = `${PAGE_PREFIX}viewer.html`;

const HTML = `<!doctype html>
<title>bench viewer</title>
<link rel="icon" href="data:," />
<video muted playsinline></video>
<script src="/e2e/hls.min.js"></script>
<script type="module" src="viewer.js"></script>
`;

/** Serves the viewer page. It takes hls.js and the built SDK from where the e2e pages have them, as a site would. */
export async function buildViewerPage(): Promise<MountHandler> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      lib: { entry: fileURLToPath(new URL("../../page/viewer.ts", import.meta.url)), formats: ["es"] },
    },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  const script = output!.output[0].code;
  return (_request, response, url) => {
    const isPage = url.pathname === VIEWER_PAGE;
    response.setHeader("Content-Type", isPage ? "text/html" : "text/javascript");
    response.end(isPage ? HTML : script);
  };
}
