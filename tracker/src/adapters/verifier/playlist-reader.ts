import { nameHash, relativePath, type SegmentRoot, splitUrl } from "@tributary/protocol";
import { fingerprintOf } from "./fingerprint.ts";
import { nameDigestOf } from "./named-resource.ts";
import { createGuardedHttp, type Resolve } from "./guarded-http.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { type ListedSegment, parseMedia, parseMultivariant } from "./playlist-text.ts";

/** What a title's playlists say of it. */
export interface TitleFacts {
  /** The highest of its renditions, audio included; null where they do not say. */
  readonly bitrateBps: number | null;
  /** Of its segments and parts, as far as the playlists name roots. */
  readonly roots: readonly SegmentRoot[];
  /** When something new can be in them; null: never. */
  readonly changesAfterMs: number | null;
}

export interface PlaylistReader {
  /** @param url of the multivariant playlist, or of the only one. Rejects where it cannot be had. */
  read(url: string): Promise<TitleFacts>;
  close(): void;
}

/** Far above the longest title's; a playlist is text. */
const playlistBytesMax = 4 * 1024 * 1024;
const playlistsMax = 32;
const socketsMax = 4;
const fetchTimeoutMs = 15_000;
const changesAfterMsMin = 1_000;

/** Reads playlists from where the policy allows, and names their segments as viewers do. */
export function createPlaylistReader(policy: OriginPolicy, resolve?: Resolve): PlaylistReader {
  const http = createGuardedHttp(policy, socketsMax, resolve);
  const closing = new AbortController();

  async function textOf(url: string): Promise<string> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(fetchTimeoutMs)]);
    const response = await http.get(new URL(url), {}, signal);
    try {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of response as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        if (bytes > playlistBytesMax) throw new Error("the playlist is too long");
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString("utf8");
    } finally {
      response.destroy();
    }
  }

  return {
    async read(url) {
      const first = await textOf(url);
      const multivariant = parseMultivariant(first, url);
      const listed = multivariant?.playlists.slice(0, playlistsMax) ?? [url];
      const { origin } = new URL(url);
      const media = await Promise.all(
        // A playlist may name others anywhere; only the title's own origin was allowed.
        listed
          .filter((of) => new URL(of).origin === origin)
          .map(async (of) => ({ of, playlist: parseMedia(of === url ? first : await textOf(of), of) })),
      );
      const live = media.filter(({ playlist }) => playlist.live);
      const soonestMs = Math.min(...live.map(({ playlist }) => playlist.targetMs));
      return {
        bitrateBps: multivariant?.bitrateBps ?? null,
        roots: media.flatMap(({ of, playlist }) => rootsOf(url, of, playlist.segments)),
        changesAfterMs: live.length === 0 ? null : Math.max(changesAfterMsMin, soonestMs),
      };
    },
    close() {
      closing.abort();
      http.close();
    },
  };
}

function rootsOf(multivariantUrl: string, url: string, segments: readonly ListedSegment[]): SegmentRoot[] {
  const track = nameHash(relativePath(splitUrl(multivariantUrl).path, splitUrl(url).path));
  return segments.flatMap(({ root, sequence, part, ...source }) =>
    root === null
      ? []
      : [
          {
            segment: { track, sequence, part, fingerprint: fingerprintOf(source) },
            name: nameDigestOf(source),
            sizeBytes: root.sizeBytes,
            root: root.hash,
          },
        ],
  );
}
