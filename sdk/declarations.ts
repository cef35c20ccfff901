import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { browserProgram, PROTOCOL } from "./program.ts";

const REPO = fileURLToPath(new URL("../", import.meta.url));
const ENTRY = join(REPO, "sdk/src/index.ts");

/**
 * Type declarations of the public API, and of what it mentions, that need no other package than hls.js: `dist/types/`
 * repeats the source folders, `@tributary/protocol` included.
 */
export function writeDeclarations(dist: string): void {
  const declarations = emit();
  const types = join(dist, "types");
  const placeOf = (source: string): string => join(types, relative(REPO, source).replace(/\.ts$/, ".d.ts"));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const pending = [ENTRY];
  const seen = new Set(pending);
  for (let source = pending.pop(); source !== undefined; source = pending.pop()) {
    const text = declarations.get(source);
    if (text === undefined) throw new Error(`no declarations for ${source}`);
    const folder = dirname(source);
    const rewritten = text.replace(/(from |import\()"([^"]+)"/g, (all, lead: string, specifier: string) => {
      const target = specifier.startsWith(".")
        ? join(folder, specifier)
        : specifier === "@tributary/protocol"
          ? PROTOCOL
          : null;
      if (target === null) return all;
      if (!seen.has(target)) pending.push(target);
      seen.add(target);
      const path = relative(folder, target).replace(/\.ts$/, ".js");
      return `${lead}"${path.startsWith(".") ? path : `./${path}`}"`;
    });
    write(placeOf(source), rewritten);
  }
  const entry = `./types/${relative(REPO, ENTRY).replace(/\.ts$/, ".js")}`;
  write(join(dist, "tributary.d.mts"), `export * from "${entry}";\n`);
}

/** Source file to declaration text. */
function emit(): Map<string, string> {
  const program = browserProgram([ENTRY]);
  const texts = new Map<string, string>();
  program.emit(undefined, (_file, text, _bom, _error, sources) => {
    const source = sources?.[0];
    if (source) texts.set(source.fileName, text);
  });
  return texts;
}
