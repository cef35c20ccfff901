import {
  concatenated,
  encodeEntries,
  entriesPath,
  type NoteKey,
  openNote,
  nodesOfTile,
  parseCheckpoint,
  tilePath,
  tilesOfTree,
  TILE_WIDTH,
  type VerifySignature,
} from "@tributary/protocol/log";
import type { Database } from "../adapters/database/open-database.ts";
import { latestCheckpoint, readEntries, readNodes, rootAt } from "../adapters/database/log-store.ts";
import type { LogFiles } from "../adapters/log-files/log-files.ts";

/** The published log says what the database does not: one of them is from a backup. */
export class LogAhead extends Error {}

/** What signs the log, and how its signature is checked. */
export interface LogKey {
  readonly key: NoteKey;
  readonly verify: VerifySignature;
}

/**
 * The size of the log that is published.
 * @throws LogAhead where the database is behind it or has another past; publishing would fork the log
 */
export async function publishedSize(
  database: Database,
  files: LogFiles,
  { key, verify }: LogKey,
): Promise<number> {
  const note = files.readCheckpoint();
  if (note === null) return 0;
  const opened = await openNote(note, key, verify);
  const published = opened.ok ? parseCheckpoint(opened.value) : opened;
  if (!published.ok) throw new LogAhead(`the published checkpoint cannot be trusted: ${published.reason}`);
  const { size, root } = published.value;
  const stored = (await latestCheckpoint(database))?.size ?? 0;
  if (size > stored)
    throw new LogAhead(
      `the published log has ${size} epochs and the database ${stored}: the database is an old backup. ` +
        "Restore the newer one; to go on from this one would rewrite what was published",
    );
  if (!Buffer.from(await rootAt(database, size)).equals(root))
    throw new LogAhead(`the published log and the database have different histories of ${size} epochs`);
  return size;
}

/**
 * Brings the published files up to the database's last checkpoint: the tiles first, the checkpoint when all of them
 * are there. Run again after a crash it does the same again.
 */
export async function publishLog(database: Database, files: LogFiles, logKey: LogKey): Promise<void> {
  const checkpoint = await latestCheckpoint(database);
  if (checkpoint === null) return;
  const { size, note } = checkpoint;
  const oldSize = await publishedSize(database, files, logKey);
  for (const tile of tilesOfTree(size, oldSize)) {
    const nodes = nodesOfTile(tile);
    const hashes = await readNodes(database, nodes);
    files.write(
      tilePath(tile),
      concatenated(...nodes.map(({ level, index }) => hashes.get(`${level}/${index}`)!)),
    );
    if (tile.level > 0) continue;
    const start = tile.index * TILE_WIDTH;
    const entries = await readEntries(database, start, start + tile.width);
    files.write(entriesPath(tile.index, tile.width), encodeEntries(entries));
  }
  if (oldSize < size) files.writeCheckpoint(note);
}
