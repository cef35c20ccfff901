import type { AskedSegment } from "./tracker/asked-hashes.ts";

/** Scheme and host, path, query. A playlist may list thousands of URLs, all before the first frame: `URL` is too slow. */
const URL_PARTS = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*([^?#]*)\??([^#]*)/i;

/** Path and query of a URL as they are written there. What is no URL with a host is all path. */
export function splitUrl(url: string): { path: string; query: string } {
  const [, path, query] = URL_PARTS.exec(url) ?? [];
  return path === undefined || query === undefined ? { path: url, query: "" } : { path: path || "/", query };
}

/** A URL without the user and password in it, which `fetch()` refuses and which are nobody else's business. */
export const withoutPassword = (url: string): string => url.replace(/^(\w+:\/\/)[^/?#]*@/, "$1");

/** What a segment's fingerprint is the name hash of: its path, or what stands for it, and its byte range. */
export function resourceName(path: string, range: { start: number; length: number } | null): string {
  return range === null ? path : `${path}@${range.start}+${range.length}`;
}

/** What a track id is the name hash of: `/a/b/main.m3u8` and `/a/c/v.m3u8` give `../c/v.m3u8`. */
export function relativePath(fromFile: string, toFile: string): string {
  const from = fromFile.split("/").slice(0, -1);
  const to = toFile.split("/");
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
  return "../".repeat(from.length - shared) + to.slice(shared).join("/");
}

/**
 * What the verifier is asked to fetch; its SHA-256 stands beside the root that comes of it. The range comes first, so that
 * no path can look like another path and a range. What is asked for whole has the range 0+0.
 */
export function askedName({ url, rangeStart, rangeLength }: Omit<AskedSegment, "id">): string {
  return `${rangeStart}+${rangeLength}@${splitUrl(url).path}`;
}
