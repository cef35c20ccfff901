import { nameHash, relativePath, splitUrl, type TrackId } from "@tributary/protocol";

/** The playlists of one title, as its multivariant playlist lists them (before any filtering by the player). */
export interface Listing {
  /** After redirects. The media playlist itself where there is no multivariant playlist. */
  readonly multivariantUrl: string;
  readonly playlists: readonly ListedPlaylist[];
}

export interface ListedPlaylist {
  readonly url: string;
  /** What it is listed as, in words that are the same on every host. */
  readonly rendition: string;
}

/** What is listed at one path. */
interface Place {
  readonly queries: Set<string>;
  readonly renditionsOfHost: Map<string, Set<string>>;
}

/**
 * Names a rendition the same way in every viewer: from its path relative to the multivariant playlist. Hosts and
 * queries differ between viewers (CDN pathways, tokens), so they stay out unless two listed playlists differ in nothing
 * else. Then the query is taken as it is; of a host what is listed there, because the same on two hosts is a spare.
 */
export function createTrackIds(
  listing: Listing,
  trackKey: ((url: string) => string) | null,
): (url: string) => TrackId {
  const places = new Map<string, Place>();
  for (const { url, rendition } of listing.playlists) {
    const { path, query } = splitUrl(url);
    const place: Place = places.get(path) ?? { queries: new Set(), renditionsOfHost: new Map() };
    places.set(path, place);
    place.queries.add(queryOf(query));
    const renditions = place.renditionsOfHost.get(hostOf(url)) ?? new Set();
    place.renditionsOfHost.set(hostOf(url), renditions.add(rendition));
  }
  const base = splitUrl(listing.multivariantUrl).path;
  return (url) => {
    const { path, query } = splitUrl(url);
    const place = places.get(path);
    const ownQuery = (place?.queries.size ?? 0) > 1 ? queryOf(query) : "";
    return nameHash(
      trackKey ? trackKey(url) : relativePath(base, path) + ownQuery + (place ? hostPartOf(place, url) : ""),
    );
  };
}

/** Empty where every host has the same at this path. */
function hostPartOf({ renditionsOfHost }: Place, url: string): string {
  const nameOf = (renditions: ReadonlySet<string>) => `@${[...renditions].sort().join()}`;
  const names = new Set([...renditionsOfHost.values()].map(nameOf));
  if (names.size < 2) return "";
  const renditions = renditionsOfHost.get(hostOf(url));
  return renditions ? nameOf(renditions) : `@${hostOf(url)}`;
}

const hostOf = (url: string): string => /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? "";

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
