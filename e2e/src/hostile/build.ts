import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

const htmlWith = (script: string) => `<!doctype html>
<meta charset="utf-8" />
<title>hostile</title>
<link rel="icon" href="data:," />
<script type="module" src="${script}"></script>
`;

/** The hostile page by file name. It knows the protocol and nothing of the SDK. */
export async function buildHostilePages(): Promise<Readonly<Record<string, string>>> {
  return { "hostile.html": htmlWith("hostile.js"), "hostile.js": await scriptOf("main") };
}

/** A script that was injected into somebody's site, and the page of the thief that it hands things to. */
export async function buildTheftPages(): Promise<Readonly<Record<string, string>>> {
  return {
    "injected.js": await scriptOf("injected", "iife"),
    "thief.html": htmlWith("thief.js"),
    "thief.js": await scriptOf("thief"),
  };
}

/** @param format "iife" for a script that is to run before those after it, and to leave no names behind */
async function scriptOf(name: string, format: "es" | "iife" = "es"): Promise<string> {
  const entry = fileURLToPath(new URL(`./page/${name}.ts`, import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry, name: "hostile", formats: [format] },
    },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  if (output === undefined) throw new Error(`the script ${name} was not built`);
  return output.output[0].code;
}
