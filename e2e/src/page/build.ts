import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

let built: Promise<string> | null = null;

/** The viewer page's script as one file. It takes hls.js and the SDK from the page, as a site would. */
export function buildViewerScript(): Promise<string> {
  return (built ??= buildOnce());
}

async function buildOnce(): Promise<string> {
  const bundled = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry: fileURLToPath(new URL("./viewer.ts", import.meta.url)), formats: ["es"] },
    },
  });
  const [output] = (Array.isArray(bundled) ? bundled : [bundled]) as Rolldown.RolldownOutput[];
  if (output === undefined) throw new Error("the viewer page's script was not built");
  return output.output[0].code;
}
