import { readFileSync, watch } from "node:fs";
import {
  annotatePlaylist,
  expectFolder,
  FolderError,
  mediaPlaylistsIn,
  type RootCache,
  writePlaylist,
} from "./folder.ts";

/** Packagers write a segment, then the playlist, in several small steps. */
const QUIET_MS = 30;
/** A 6 h window of 2 s segments in four renditions, then the cache begins anew. */
const CACHE_ENTRIES_MAX = 50_000;

/**
 * Keeps the playlists of a live packager's folder annotated until `stop` is called. A playlist whose segments are not
 * all there yet is left alone until the next change and reported once.
 * @throws FolderError where there is no folder to watch
 */
export function watchFolder(folder: string, report: (line: string) => void): { stop(): void } {
  expectFolder(folder);
  const cache: RootCache = new Map();
  const reported = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function tell(line: string): void {
    if (reported.has(line)) return;
    reported.add(line);
    report(line);
  }
  function refresh(path: string): void {
    const playlist = annotatePlaylist(folder, path, cache);
    const isCurrent = readFileSync(path, "utf8") === playlist.before;
    if (!isCurrent) schedule();
    else if (playlist.after !== playlist.before) writePlaylist(playlist);
  }
  /** A packager may take files away at any moment; the change that follows brings the next try. */
  function attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      tell(error instanceof FolderError ? error.message : String(error));
    }
  }
  function update(): void {
    timer = null;
    if (cache.size > CACHE_ENTRIES_MAX) cache.clear();
    attempt(() => {
      for (const path of mediaPlaylistsIn(folder)) attempt(() => refresh(path));
    });
  }
  function schedule(): void {
    timer ??= setTimeout(update, QUIET_MS);
  }

  const watcher = watch(folder, { recursive: true }, schedule);
  update();
  return {
    stop() {
      watcher.close();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
