import { encodeHex, segmentKeyOf, type SegmentRoot } from "@tributary/protocol";
import type { PlaylistReader } from "./adapters/verifier/playlist-reader.ts";
import type { Watching } from "./core/index.ts";

/** What the tracker reads of the titles that are watched, for the ledger: roots to pay by, and how fast they play. */
export interface Titles {
  /** Who watches now: reads what was not read yet, or may have changed. */
  watched(audience: readonly Watching[]): void;
  /** Of a swarm's title; "reading" before the first answer, null where its playlists do not say. */
  bitrateOf(swarm: Uint8Array): number | "reading" | null;
  close(): void;
}

/** What could not be read is tried again then. */
const retryAfterMs = 60_000;
/** A title that ended may be replaced under its address. */
const rereadAfterMs = 600_000;
/** Whoever opens an open tracker names titles as they like. */
const titlesMax = 1_000;
const readingMax = 16;

interface Title {
  bitrateBps: number | "reading" | null;
  dueAtMs: number;
  reading: boolean;
  told: Set<string>;
}

export function createTitles(
  reader: PlaylistReader,
  sawRoots: (swarm: Uint8Array, roots: readonly SegmentRoot[]) => void,
  nowMs: () => number,
): Titles {
  const titles = new Map<string, Title>();
  let readingCount = 0;

  async function read(swarm: Uint8Array, title: Title, url: string): Promise<void> {
    title.reading = true;
    readingCount++;
    try {
      const { bitrateBps, roots, changesAfterMs } = await reader.read(url);
      title.bitrateBps = bitrateBps;
      title.dueAtMs = nowMs() + (changesAfterMs ?? rereadAfterMs);
      const keys = roots.map(({ segment }) => segmentKeyOf(segment));
      const fresh = roots.filter((_, at) => !title.told.has(keys[at]!));
      title.told = new Set(keys);
      if (fresh.length > 0) sawRoots(swarm, fresh);
    } catch {
      if (title.bitrateBps === "reading") title.bitrateBps = null;
      title.dueAtMs = nowMs() + retryAfterMs;
    }
    title.reading = false;
    readingCount--;
  }

  return {
    watched(audience) {
      const playlists = new Map(
        audience.flatMap(({ swarm, playlist }) =>
          playlist === null ? [] : [[encodeHex(swarm), { swarm, playlist }] as const],
        ),
      );
      for (const key of titles.keys()) if (!playlists.has(key)) titles.delete(key);
      for (const [key, { swarm, playlist }] of playlists) {
        const title = titles.get(key) ?? {
          bitrateBps: "reading",
          dueAtMs: 0,
          reading: false,
          told: new Set(),
        };
        if (!titles.has(key) && titles.size >= titlesMax) continue;
        titles.set(key, title);
        if (!title.reading && readingCount < readingMax && nowMs() >= title.dueAtMs)
          void read(swarm, title, playlist);
      }
    },
    bitrateOf: (swarm) => titles.get(encodeHex(swarm))?.bitrateBps ?? null,
    close: () => reader.close(),
  };
}
