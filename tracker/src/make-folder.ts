import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it. Node's own way (`recursive`) never returns where a folder lets nothing be made in
 * it and says that the new one is not there, as /proc does.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

/** The slash at the end makes a file no match. */
const isFolder = (path: string): boolean => existsSync(`${path}/`);
