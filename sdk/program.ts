import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const REPO = fileURLToPath(new URL("../", import.meta.url));
export const PROTOCOL = join(REPO, "protocol/src/index.ts");

/** The compiler's view of these sources and of all that they import, as for a browser. */
export function browserProgram(entries: readonly string[]): ts.Program {
  const read = ts.readConfigFile(join(REPO, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...read.config.compilerOptions, composite: false, lib: ["ES2023", "DOM", "DOM.Iterable"], types: [] },
    REPO,
  );
  // By path, lest it counts as a foreign package, of which nothing is emitted.
  const paths = { "@tributary/protocol": [PROTOCOL] };
  return ts.createProgram(entries, { ...options, paths, rootDir: REPO, outDir: REPO });
}
