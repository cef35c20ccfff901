import { nameHash, relativePath, splitUrl, type TrackId } from "@tributary/protocol";

/** The playlists of one title, as its multivariant playlist lists them (before any filtering by the player). */
export interface Listing {
  /** After redirects. The media playlist itself where there is no multivariant playlist. */
  readonly multivariantUrl: string;
  readonly playlistUrls: readonly string[];
}

/**
 * Names a rendition the same way in every viewer: from its path relative to the multivariant playlist. Hosts and
 * queries differ between viewers (CDN pathways, tokens), so they stay out unless two listed playlists differ in nothing
 * else.
 */
export function createTrackIds(
  listing: Listing,
  trackKey: ((url: string) => string) | null,
): (url: string) => TrackId {
  const queriesOfPath = new Map<string, Set<string>>();
  for (const url of listing.playlistUrls) {
    const { path, query } = splitUrl(url);
    const queries = queriesOfPath.get(path) ?? new Set();
    queriesOfPath.set(path, queries.add(queryOf(query)));
  }
  const base = splitUrl(listing.multivariantUrl).path;
  const ids = new Map<string, TrackId>();
  return (url) => {
    const known = ids.get(url);
    if (known !== undefined) return known;
    const { path, query } = splitUrl(url);
    const ambiguous = (queriesOfPath.get(path)?.size ?? 0) > 1;
    const id = nameHash(
      trackKey ? trackKey(url) : relativePath(base, path) + (ambiguous ? queryOf(query) : ""),
    );
    ids.set(url, id);
    return id;
  };
}

/** The default content id: where the title lives, without what differs per viewer. */
export function originAndPath(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return origin + pathname;
  } catch {
    return url;
  }
}

/** The query, its question mark included, without hls.js's own delivery directives. */
function queryOf(query: string): string {
  const own = query.split("&").filter((pair) => pair !== "" && !pair.startsWith("_HLS_"));
  return own.length > 0 ? `?${own.join("&")}` : "";
}
