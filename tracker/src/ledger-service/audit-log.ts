import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  concatenated,
  encodeEntries,
  entriesPath,
  leafHash,
  nodeHash,
  nodesOfRange,
  openNote,
  parseCheckpoint,
  TILE_WIDTH,
  tilePath,
  tilesOfTree,
} from "@tributary/protocol/log";
import { hashed, sha256 } from "../adapters/database/sha256.ts";
import type { Database } from "../adapters/database/open-database.ts";
import type { Find } from "./audit-books.ts";
import type { LogKey } from "./publish.ts";

const same = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;

/** Nodes and roots of the log, from its entries alone. */
function createRoots(records: readonly Uint8Array[]) {
  const levels = [records.map((record) => hashed(leafHash(record)))];
  for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!)
    levels.push(
      Array.from({ length: Math.floor(below.length / 2) }, (_, at) =>
        hashed(nodeHash(below[2 * at]!, below[2 * at + 1]!)),
      ),
    );
  return {
    node: (level: number, index: number) => levels[level]?.[index],
    root(size: number): Uint8Array {
      const [last, ...left] = nodesOfRange(0, size)
        .map(({ level, index }) => levels[level]![index]!)
        .reverse();
      return left.reduce((hash, node) => hashed(nodeHash(node, hash)), last ?? sha256(new Uint8Array(0)));
    },
  };
}

/** The stored nodes and each checkpoint, against the log computed from its entries. */
export async function auditLog(
  database: Database,
  records: readonly Uint8Array[],
  { key, verify }: LogKey,
  find: Find,
): Promise<void> {
  const roots = createRoots(records);
  const nodes = await database.selectFrom("log_node").selectAll().execute();
  for (const { level, position, hash } of nodes) {
    const computed = roots.node(Number(level), Number(position));
    find(computed !== undefined && same(computed, hash), `the log's node ${level}/${position} differs`);
  }
  const checkpoints = await database.selectFrom("checkpoint").selectAll().orderBy("size").execute();
  find(
    checkpoints.length === records.length,
    `${checkpoints.length} checkpoints for ${records.length} epochs`,
  );
  for (const { size, root, note } of checkpoints) {
    const name = `checkpoint ${size}`;
    find(
      size <= BigInt(records.length) && same(root, roots.root(Number(size))),
      `${name}: another root than its epochs`,
    );
    const opened = await openNote(note, key, verify);
    const told = opened.ok ? parseCheckpoint(opened.value) : opened;
    find(told.ok, `${name}: ${told.ok ? "" : told.reason}`);
    if (told.ok)
      find(
        BigInt(told.value.size) === size && same(told.value.root, root),
        `${name}: its note says another root`,
      );
  }
}

/** The published files, if there are any, against the same log. */
export async function auditFiles(
  records: readonly Uint8Array[],
  folder: string,
  { key, verify }: LogKey,
  find: Find,
): Promise<void> {
  const note = readIfThere(join(folder, "checkpoint"));
  if (note === null) {
    find(records.length === 0, "no checkpoint is published");
    return;
  }
  const opened = await openNote(note.toString("utf8"), key, verify);
  const published = opened.ok ? parseCheckpoint(opened.value) : opened;
  if (!published.ok) {
    find(false, `the published checkpoint: ${published.reason}`);
    return;
  }
  const { size, root } = published.value;
  const roots = createRoots(records);
  if (size > records.length) {
    find(false, `${size} epochs are published and ${records.length} stored`);
    return;
  }
  find(same(root, roots.root(size)), `the published root of ${size} epochs is another`);
  for (const tile of tilesOfTree(size)) {
    const { level, index, width } = tile;
    const hashes = Array.from({ length: width }, (_, at) => roots.node(8 * level, index * TILE_WIDTH + at)!);
    find(
      isFile(join(folder, tilePath(tile)), concatenated(...hashes)),
      `the published ${tilePath(tile)} differs`,
    );
    if (level > 0) continue;
    const entries = encodeEntries(records.slice(index * TILE_WIDTH, index * TILE_WIDTH + width));
    const path = entriesPath(index, width);
    find(isFile(join(folder, path), entries), `the published ${path} differs`);
  }
}

function isFile(path: string, content: Uint8Array): boolean {
  const found = readIfThere(path);
  return found !== null && same(found, content);
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
