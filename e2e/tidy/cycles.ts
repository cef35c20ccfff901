import { filesImportedBy, importGraph, type ImportGraph } from "./imports.ts";
import type { Check } from "./source-file.ts";

/** No file may reach itself through its imports, type imports included. */
export const noCycles: Check = (files) => {
  const graph = importGraph(files);
  const finished = new Set<string>();
  const cycles: string[][] = [];
  for (const path of graph.keys()) walk(path, [], graph, finished, cycles);
  return cycles.map((cycle) => ({
    path: cycle[0] ?? "",
    reason: `import cycle: ${[...cycle, cycle[0]].join(" -> ")}`,
  }));
};

function walk(
  path: string,
  trail: readonly string[],
  graph: ImportGraph,
  finished: Set<string>,
  cycles: string[][],
): void {
  const seenAt = trail.indexOf(path);
  if (seenAt !== -1) {
    cycles.push(trail.slice(seenAt));
    return;
  }
  if (finished.has(path)) return;
  for (const next of filesImportedBy(graph, path)) walk(next, [...trail, path], graph, finished, cycles);
  finished.add(path);
}
