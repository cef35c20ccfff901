import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { SourceFile } from "./source-file.ts";

const IGNORED_FOLDERS = new Set([
  "node_modules",
  "dist",
  "fixtures",
  "results",
  "docs",
  "test-results",
  "playwright-report",
  "data",
]);
const READ_FILES = /(\.[cm]?[jt]sx?|\.html|package\.json)$/;

/** Every source file, page and package.json below `root`. */
export function readRepo(root: string): SourceFile[] {
  return walk(root).map((path) => ({
    path: relative(root, path).split(sep).join("/"),
    text: readFileSync(path, "utf8"),
  }));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || IGNORED_FOLDERS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return READ_FILES.test(entry.name) ? [path] : [];
  });
}
