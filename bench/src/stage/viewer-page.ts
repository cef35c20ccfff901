import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

/** Where the origin serves the page below: beside the hls.js and the built SDK that the e2e pages use. */
export const VIEWER_PAGE = "/e2e/bench.html";

const HTML = `<!doctype html>
<title>bench viewer</title>
<link rel="icon" href="data:," />
<video muted playsinline></video>
<script src="hls.min.js"></script>
<script type="module" src="bench.js"></script>
`;

/** The viewer page's files by name. It takes hls.js and the built SDK from the page, as a site would. */
export async function buildViewerPage(): Promise<Record<string, string>> {
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
  return { "bench.html": HTML, "bench.js": output!.output[0].code };
}
