import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Patch } from "./defence.ts";

/** The text without the defence. @throws Error naming the file where `find` is not there exactly once */
export function patched({ file, find, replace }: Patch, text: string): string {
  const occurrences = text.split(find).length - 1;
  if (occurrences !== 1) throw new Error(`${file}: found ${occurrences} times, expected once: ${find}`);
  // A function, because "$" means something in a replacement text.
  return text.replace(find, () => replace);
}

/** Switches a defence off in a copy of the tree; returns how to switch it on again. */
export function applyPatches(tree: string, patches: readonly Patch[]): () => void {
  const before = patches.map(
    ({ file }) => [join(tree, file), readFileSync(join(tree, file), "utf8")] as const,
  );
  const restore = () => {
    for (const [path, text] of [...before].reverse()) writeFileSync(path, text);
  };
  try {
    for (const patch of patches) {
      const path = join(tree, patch.file);
      writeFileSync(path, patched(patch, readFileSync(path, "utf8")));
    }
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}
