import {
  existsSync,
  openSync,
  closeSync,
  readSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { annotate, isMediaPlaylist, PlaylistError, type SegmentReference } from "./annotate.ts";
import { rootOf } from "./root-of.ts";

/** Something in the folder that must be mended by its owner; the message is one line that names the file. */
export class FolderError extends Error {}

export interface AnnotatedPlaylist {
  /** Below the folder. */
  readonly name: string;
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Roots by file, range, size and time of change: a live folder is read again at every new segment. */
export type RootCache = Map<string, string>;

/**
 * Every media playlist below `folder` with the roots of its segments. Writes nothing.
 * @throws FolderError where the folder holds no media playlist or a playlist names a segment that is not there.
 */
export function annotateFolder(folder: string, cache: RootCache = new Map()): AnnotatedPlaylist[] {
  const playlists = mediaPlaylistsIn(folder).map((path) => annotatePlaylist(folder, path, cache));
  if (playlists.length === 0) throw new FolderError(`${folder}: no media playlist (.m3u8) here`);
  return playlists;
}

export function expectFolder(folder: string): void {
  if (!existsSync(folder)) throw new FolderError(`${folder}: no such folder`);
  if (!statSync(folder).isDirectory()) throw new FolderError(`${folder}: a file, not a folder`);
}

export function mediaPlaylistsIn(folder: string): string[] {
  expectFolder(folder);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".m3u8"))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => isMediaPlaylist(readFileSync(path, "utf8")));
}

export function annotatePlaylist(folder: string, path: string, cache: RootCache): AnnotatedPlaylist {
  const name = relative(folder, path);
  const before = readFileSync(path, "utf8");
  try {
    const after = annotate(before, (segment) => segmentRoot(dirname(path), segment, cache));
    return { name, path, before, after };
  } catch (error) {
    if (error instanceof PlaylistError) throw new FolderError(`${name}: ${error.message}`);
    throw error;
  }
}

/** Replaces the playlist in one step: a player that reads meanwhile sees the old text or the new one. */
export function writePlaylist({ path, after }: AnnotatedPlaylist): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, after, { mode: statSync(path).mode });
  renameSync(temporary, path);
}

function segmentRoot(folder: string, { uri, range }: SegmentReference, cache: RootCache): string {
  if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(uri)) throw new PlaylistError(`${uri} is not in this folder`);
  const path = join(folder, decodePath(uri));
  if (!existsSync(path)) throw new PlaylistError(`${uri} is missing`);
  const { size, mtimeMs } = statSync(path);
  const { offset, length } = range ?? { offset: 0, length: size };
  if (offset + length > size)
    throw new PlaylistError(
      `${uri} has ${size} bytes, but the playlist names bytes up to ${offset + length}`,
    );
  const key = [path, offset, length, size, mtimeMs].join("\0");
  let root = cache.get(key);
  if (root === undefined) cache.set(key, (root = rootOf(readRange(path, offset, length))));
  return root;
}

function decodePath(uri: string): string {
  const path = uri.replace(/[?#].*$/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function readRange(path: string, offset: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, "r");
  try {
    let at = 0;
    while (at < length) {
      const count = readSync(file, bytes, at, length - at, offset + at);
      if (count === 0) throw new PlaylistError(`${path} became shorter while it was read`);
      at += count;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
