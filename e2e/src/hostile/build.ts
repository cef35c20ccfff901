import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

const ENTRY = fileURLToPath(new URL("./page/main.ts", import.meta.url));
const HTML = `<!doctype html>
<meta charset="utf-8" />
<title>hostile</title>
<link rel="icon" href="data:," />
<script type="module" src="hostile.js"></script>
`;

/** The hostile page by file name. It knows the protocol and nothing of the SDK. */
export async function buildHostilePages(): Promise<Readonly<Record<string, string>>> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, minify: false, target: "es2022", lib: { entry: ENTRY, formats: ["es"] } },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  if (output === undefined) throw new Error("the hostile page's script was not built");
  return { "hostile.html": HTML, "hostile.js": output.output[0].code };
}
