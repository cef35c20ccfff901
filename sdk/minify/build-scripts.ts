import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";
import { browserProgram } from "../program.ts";
import { ENTRIES, libraryConfig } from "../vite.config.ts";
import { minifyTogether } from "./minify.ts";
import { numberedWords, numberWords, type NumberedWords } from "./numbered-words.ts";
import { namesIn, reservedNames } from "./reserved-names.ts";

const SDK = fileURLToPath(new URL("../", import.meta.url));
const isForeign = (path: string): boolean => path.includes("/node_modules/");

/** What the driver and the core tell each other. */
const NUMBERED = [
  { file: join(SDK, "src/core/inputs.ts"), name: "Input" },
  { file: join(SDK, "src/core/outputs.ts"), name: "Output" },
];

/**
 * The script tag's file and the module that it loads, with the names short that nobody else can see.
 * @returns the paths of all modules in them
 */
export async function buildScripts(dist: string): Promise<string[]> {
  const entries = [ENTRIES.script, ENTRIES.earn].map(({ entry }) => join(SDK, entry));
  const program = browserProgram(entries);
  const words = numberedWords(program, NUMBERED, (path) => !isForeign(path));
  const chunks = [await bundle("script", words), await bundle("earn", words)];
  const reserved = reservedNames(
    program,
    entries,
    (path) => !isForeign(path),
    (path) => path.includes("/protocol/src/"),
  );
  const modulePaths = chunks.flatMap(({ moduleIds }) => moduleIds);
  for (const path of new Set(modulePaths))
    if (isForeign(path)) for (const name of namesIn(await readFile(path, "utf8"))) reserved.add(name);
  const minified = await minifyTogether(
    chunks.map(({ fileName, code, map }) => ({ file: fileName, code, map: map!.toString() })),
    reserved,
  );
  for (const [i, { fileName }] of chunks.entries()) {
    await writeFile(join(dist, fileName), minified[i]!.code);
    await writeFile(join(dist, `${fileName}.map`), minified[i]!.map);
  }
  return modulePaths;
}

async function bundle(format: "script" | "earn", words: NumberedWords): Promise<Rolldown.OutputChunk> {
  const config = libraryConfig(format);
  const built = await build({
    ...config,
    plugins: [numberWords(words)],
    build: { ...config.build, write: false },
  });
  const [{ output }] = built as [Rolldown.RolldownOutput];
  return output[0];
}
