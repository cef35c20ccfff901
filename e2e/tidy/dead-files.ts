import { posix } from "node:path";
import { filesImportedBy, importGraph, type ImportGraph } from "./imports.ts";
import { isAmbient, isCode, isTestFile, type Check, type SourceFile } from "./source-file.ts";

const CONFIG_FILES = /(^|\/)[^/]+\.config\.[cm]?[jt]s$/;
/** A module named by its path in a package.json, a page or a build script; `${…}` in it stands for any name. */
const NAMED_MODULE = /["'`\s]((?:[\w./-]|\$\{\w+\})+\.[cm]?[jt]sx?)(?=["'`\s?])/g;

/** Every file is an entry, or reached from one; a file that only its own test knows is dead too. */
export const noDeadFiles: Check = (files) => {
  const graph = importGraph(files);
  const code = files.map((file) => file.path).filter(isCode);
  const entries = new Set([...code.filter(isEntryByKind), ...namedModules(files)]);
  const reached = reachableFrom(entries, graph);
  return code
    .filter((path) => !reached.has(path) || (!entries.has(path) && onlyItsTestImports(path, graph)))
    .map((path) => ({ path, reason: "nothing imports it and it is no entry" }));
};

function isEntryByKind(path: string): boolean {
  return isTestFile(path) || isAmbient(path) || CONFIG_FILES.test(path);
}

/** Modules that a package.json, a page or a bundler's build script names as entries. */
function namedModules(files: readonly SourceFile[]): string[] {
  const paths = files.map((file) => file.path);
  const namers = files.filter((file) =>
    /(package\.json|\.html|(^|\/)build\.ts|\.config\.[jt]s)$/.test(file.path),
  );
  return namers.flatMap((file) =>
    [...file.text.matchAll(NAMED_MODULE)].flatMap(([, name = ""]) => {
      const besideNamer = posix.join(posix.dirname(file.path), name.replace(/^\//, ""));
      const pattern = [besideNamer, posix.normalize(name)].map(asPattern).join("|");
      return paths.filter((path) => new RegExp(`^(${pattern})$`).test(path));
    }),
  );
}

function asPattern(name: string): string {
  return name
    .split(/\$\{\w+\}/)
    .map((literal) => literal.replace(/[.$/]/g, "\\$&"))
    .join("[^/]+");
}

function reachableFrom(entries: Iterable<string>, graph: ImportGraph): Set<string> {
  const reached = new Set<string>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    queue.push(...filesImportedBy(graph, path));
  }
  return reached;
}

function onlyItsTestImports(path: string, graph: ImportGraph): boolean {
  if (isEntryByKind(path)) return false;
  const ownTest = path.replace(/\.([cm]?[jt]sx?)$/, ".test.$1");
  const importers = [...graph.keys()].filter((other) => filesImportedBy(graph, other).includes(path));
  return importers.every((importer) => importer === ownTest);
}
