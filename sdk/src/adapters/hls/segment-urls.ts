import type { Fragment, Part } from "hls.js";

/** A relative path in which nothing is left to resolve: no scheme, no host, no dot segments, no leading slash. */
const PLAIN_PATH = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*(?:\?[^#]*)?$/;

/**
 * Reads the URLs of a playlist's segments. hls.js resolves each one from its parts when it is asked for, which it only
 * does for what it loads: where a live window lists hours of segments, each refresh would hold the page up.
 */
export function createSegmentUrls(): (segment: Fragment | Part) => string {
  let base = "";
  /** What all plain paths are appended to, null until one of them was resolved. */
  let folder: string | null = null;
  return (segment) => {
    const { baseurl, relurl } = segment;
    if (!relurl || !PLAIN_PATH.test(relurl)) return segment.url;
    if (baseurl !== base) [base, folder] = [baseurl, null];
    if (folder !== null) return folder + relurl;
    const { url } = segment;
    // A page may have set it to something else.
    if (url.endsWith(`/${relurl}`)) folder = url.slice(0, -relurl.length);
    return url;
  };
}
