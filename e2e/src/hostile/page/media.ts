import {
  HASH_BYTES,
  nameHash,
  splitUrl,
  PIECE_BYTES,
  pieceCountOf,
  type SegmentId,
  type SegmentKey,
  segmentKeyOf,
  WHOLE_SEGMENT,
} from "@tributary/protocol";
import { sha256 } from "./identity.ts";

/** A segment that a playlist lists. */
export interface Listed {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly url: string;
}

export interface PieceList {
  readonly sizeBytes: number;
  readonly hashes: Uint8Array;
}

/** The stream that everybody watches: what is claimed, and the truth that lies are made of. */
export interface Media {
  /** In the playlist's order. */
  readonly listed: readonly Listed[];
  find(key: SegmentKey): Listed | undefined;
  /** Looks at the playlist again. Gives what is new. */
  refresh(): Promise<Listed[]>;
  bytesOf(url: string): Promise<Uint8Array>;
}

/** Every rendition, live or not. Segments are whole files. */
export async function openMedia(multivariantPath: string): Promise<Media> {
  const multivariantUrl = new URL(multivariantPath, location.href).href;
  const playlists = playlistUris(await text(multivariantUrl)).map((uri) => ({ uri, ended: false }));
  const listed: Listed[] = [];
  const byKey = new Map<SegmentKey, Listed>();
  const loaded = new Map<string, Promise<Uint8Array>>();

  async function look(playlist: (typeof playlists)[number]): Promise<Listed[]> {
    if (playlist.ended) return [];
    const playlistUrl = new URL(playlist.uri, multivariantUrl);
    const content = await text(playlistUrl.href);
    playlist.ended = content.includes("#EXT-X-ENDLIST");
    const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(content)?.[1] ?? 0);
    const track = nameHash(playlist.uri);
    const fresh: Listed[] = [];
    for (const [index, uri] of uris(content).entries()) {
      const url = new URL(uri, playlistUrl);
      const fingerprint = nameHash(splitUrl(url.href).path);
      const id = { track, sequence: first + index, part: WHOLE_SEGMENT, fingerprint };
      const segment = { id, key: segmentKeyOf(id), url: url.href };
      if (byKey.has(segment.key)) continue;
      byKey.set(segment.key, segment);
      fresh.push(segment);
    }
    return fresh;
  }

  async function refresh(): Promise<Listed[]> {
    const fresh = (await Promise.all(playlists.map(look))).flat();
    listed.push(...fresh);
    return fresh;
  }

  await refresh();
  return {
    listed,
    find: (key) => byKey.get(key),
    refresh,
    bytesOf(url) {
      const known = loaded.get(url);
      if (known !== undefined) return known;
      const bytes = fetch(url).then(async (response) => new Uint8Array(await response.arrayBuffer()));
      loaded.set(url, bytes);
      return bytes;
    },
  };
}

export async function listOf(bytes: Uint8Array): Promise<PieceList> {
  const hashes = new Uint8Array(HASH_BYTES * pieceCountOf(bytes.length));
  for (let piece = 0; piece * PIECE_BYTES < bytes.length; piece += 1) {
    const data = bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    hashes.set(await sha256(data), piece * HASH_BYTES);
  }
  return { sizeBytes: bytes.length, hashes };
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** Of the variants and of the renditions beside them; relative to the multivariant playlist, as track ids take them. */
function playlistUris(multivariant: string): string[] {
  const beside = [...multivariant.matchAll(/^#EXT-X-MEDIA:.*URI="([^"]+)"/gm)].map(([, uri = ""]) => uri);
  return [...uris(multivariant), ...beside];
}

function uris(playlist: string): string[] {
  return playlist.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
}
