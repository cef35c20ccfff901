import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeEntries,
  entriesPath,
  type Hashing,
  nodeFromTile,
  openNote,
  parseCheckpoint,
  runHashing,
  tileOfNode,
  tilePath,
  type TreeNode,
} from "@tributary/protocol/log";
import { sha256 } from "../../adapters/database/sha256.ts";
import type { LogKey } from "../publish.ts";

export const run = <T>(hashing: Hashing<T>) => runHashing(hashing, sha256);

/** What a browser does: nothing but the published files and the log's key. */
export async function readAsBrowser(published: string, { key, verify }: LogKey) {
  const fetched = (path: string) => new Uint8Array(readFileSync(join(published, path)));
  const note = readFileSync(join(published, "checkpoint"), "utf8");
  const opened = await openNote(note, key, verify);
  if (!opened.ok) throw new Error(opened.reason);
  const checkpoint = parseCheckpoint(opened.value);
  if (!checkpoint.ok) throw new Error(checkpoint.reason);
  const { size, root } = checkpoint.value;
  const hashOf = (node: TreeNode) => run(nodeFromTile(node, fetched(tilePath(tileOfNode(node, size)))))!;
  const entry = (index: number) => {
    const bundle = Math.floor(index / 256);
    const bundled = decodeEntries(fetched(entriesPath(bundle, Math.min(256, size - bundle * 256))));
    if (!bundled.ok) throw new Error(bundled.reason);
    return bundled.value[index % 256]!;
  };
  return { size, root, hashOf, entry };
}
