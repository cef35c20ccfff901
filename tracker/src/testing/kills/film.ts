import { createHash } from "node:crypto";
import { encodeBase64Url, nameHash, type SegmentRoot } from "@tributary/protocol";
import { type MediaOrigin, startMediaOrigin } from "../media-origin.ts";

/** Of each segment. Nobody fetches one: its root stands in the playlist. */
export const SEGMENT_BYTES = 500_000;
const SEGMENTS = 400;
/** So much that no limit by watch time is ever reached: a kill takes along what was watched since the last look. */
const BANDWIDTH_BPS = 1_000_000_000;

/** A stream whose playlists name the roots of its segments. */
export interface Film {
  readonly contentId: string;
  readonly origin: MediaOrigin;
  readonly segments: readonly Pick<SegmentRoot, "segment" | "root">[];
}

export async function serveFilm(): Promise<Film> {
  const roots = Array.from({ length: SEGMENTS }, (_, sequence) =>
    createHash("sha256").update(`segment ${sequence}`).digest(),
  );
  const media =
    "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n" +
    roots
      .map(
        (root, sequence) =>
          `#EXT-X-TRIBUTARY-ROOT:${encodeBase64Url(root)},${SEGMENT_BYTES}\n#EXTINF:4,\n${sequence}.ts\n`,
      )
      .join("") +
    "#EXT-X-ENDLIST\n";
  const multivariant = `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${BANDWIDTH_BPS}\nvideo.m3u8\n`;
  const origin = await startMediaOrigin((path, response) =>
    response.end(path.endsWith("video.m3u8") ? media : multivariant),
  );
  const track = nameHash("video.m3u8");
  return {
    contentId: `${origin.origin}/film/index.m3u8`,
    origin,
    segments: roots.map((root, sequence) => ({
      segment: { track, sequence, part: -1, fingerprint: nameHash(`/film/${sequence}.ts`) },
      root: new Uint8Array(root),
    })),
  };
}
