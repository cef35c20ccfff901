import { posix } from "node:path";
import ts from "typescript";
import { isCode, parse, visit, type SourceFile } from "./source-file.ts";

/** What one import leads to: a file of this repo, or a module from outside. */
export type ImportTarget =
  | { readonly kind: "file"; readonly path: string; readonly specifier: string }
  | { readonly kind: "outside"; readonly specifier: string }
  | { readonly kind: "missing"; readonly specifier: string };

/** Everything a file imports, types and dynamic imports included. */
export type ImportGraph = ReadonlyMap<string, readonly ImportTarget[]>;

const PACKAGE_SCOPE = "@tributary/";

export function specifiersOf(file: SourceFile): string[] {
  const imported = ts.preProcessFile(file.text, true, true).importedFiles.map((found) => found.fileName);
  return [...imported, ...modulesByUrl(file)];
}

/** Workers are named as `new URL("./worker.ts", import.meta.url)` rather than imported. */
function modulesByUrl(file: SourceFile): string[] {
  if (!file.text.includes("import.meta.url")) return [];
  const found: string[] = [];
  visit(parse(file), (node) => {
    if (!ts.isNewExpression(node) || node.expression.getText() !== "URL") return;
    const [specifier, base] = node.arguments ?? [];
    if (specifier === undefined || !ts.isStringLiteralLike(specifier) || !isCode(specifier.text)) return;
    if (base?.getText() === "import.meta.url") found.push(specifier.text);
  });
  return found;
}

export function importGraph(files: readonly SourceFile[]): ImportGraph {
  const paths = new Set(files.map((file) => file.path));
  const packages = packageExports(files);
  return new Map(
    files
      .filter((file) => isCode(file.path))
      .map((file) => [
        file.path,
        specifiersOf(file).map((specifier) => resolve(file.path, specifier, paths, packages)),
      ]),
  );
}

/** "@tributary/sdk/core" -> "sdk/src/core/index.ts", for every entry in a workspace's `exports`. */
export function packageExports(files: readonly SourceFile[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of files) {
    if (posix.basename(file.path) !== "package.json") continue;
    const content = JSON.parse(file.text) as { name?: string; exports?: Record<string, unknown> };
    for (const [subpath, target] of Object.entries(content.exports ?? {})) {
      if (typeof target !== "string" || content.name === undefined) continue;
      found.set(posix.join(content.name, subpath), posix.join(posix.dirname(file.path), target));
    }
  }
  return found;
}

function resolve(
  from: string,
  specifier: string,
  paths: ReadonlySet<string>,
  packages: ReadonlyMap<string, string>,
): ImportTarget {
  const bare = specifier.split("?")[0] ?? specifier;
  const path = bare.startsWith(".")
    ? posix.join(posix.dirname(from), bare)
    : bare.startsWith(PACKAGE_SCOPE)
      ? packages.get(bare)
      : null;
  if (path === null) return { kind: "outside", specifier };
  return path !== undefined && paths.has(path)
    ? { kind: "file", path, specifier }
    : { kind: "missing", specifier };
}

export function filesImportedBy(graph: ImportGraph, path: string): string[] {
  return (graph.get(path) ?? []).flatMap((target) => (target.kind === "file" ? [target.path] : []));
}
