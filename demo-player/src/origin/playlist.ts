import { ROOT_TAG, rootOf } from "../roots/root-of.ts";
import type { ByteRange } from "./byte-range.ts";

export interface PlaylistPart {
  readonly uri: string;
  readonly range: ByteRange | null;
  readonly durationS: number;
  readonly independent: boolean;
  readonly bytes: Uint8Array;
}

export interface PlaylistSegment {
  readonly uri: string;
  readonly range: ByteRange | null;
  readonly durationS: number;
  readonly bytes: Uint8Array;
  readonly discontinuity?: boolean;
  readonly startedAtMs?: number;
  readonly parts?: readonly PlaylistPart[];
}

export interface MediaPlaylist {
  readonly targetDurationS: number;
  readonly headerLines: readonly string[];
  readonly segments: readonly PlaylistSegment[];
  /** Lines after the last complete segment, such as the parts of the one being recorded. */
  readonly tailLines: readonly string[];
  readonly roots: boolean;
}

export function writeMediaPlaylist(playlist: MediaPlaylist): string {
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    `#EXT-X-TARGETDURATION:${playlist.targetDurationS}`,
    ...playlist.headerLines,
  ];
  for (const segment of playlist.segments) {
    if (segment.discontinuity === true) lines.push("#EXT-X-DISCONTINUITY");
    if (segment.startedAtMs !== undefined) lines.push(programDateTime(segment.startedAtMs));
    for (const part of segment.parts ?? []) lines.push(...partLines(part, playlist.roots));
    lines.push(`#EXTINF:${segment.durationS.toFixed(5)},`);
    if (segment.range !== null) {
      const { start, end } = segment.range;
      lines.push(`#EXT-X-BYTERANGE:${end - start}@${start}`);
    }
    if (playlist.roots) lines.push(rootLine(segment.bytes));
    lines.push(segment.uri);
  }
  return [...lines, ...playlist.tailLines, ""].join("\n");
}

export function partLines(part: PlaylistPart, roots: boolean): string[] {
  const attributes = [`DURATION=${part.durationS.toFixed(5)}`, `URI="${part.uri}"`];
  if (part.range !== null)
    attributes.push(`BYTERANGE="${part.range.end - part.range.start}@${part.range.start}"`);
  if (part.independent) attributes.push("INDEPENDENT=YES");
  const line = `#EXT-X-PART:${attributes.join(",")}`;
  return roots ? [rootLine(part.bytes), line] : [line];
}

export function programDateTime(atMs: number): string {
  return `#EXT-X-PROGRAM-DATE-TIME:${new Date(atMs).toISOString()}`;
}

const knownRoots = new WeakMap<Uint8Array, string>();

function rootLine(bytes: Uint8Array): string {
  let root = knownRoots.get(bytes);
  if (root === undefined) knownRoots.set(bytes, (root = rootOf(bytes)));
  return ROOT_TAG + root;
}

export interface Variant {
  readonly uri: string;
  readonly bandwidthBps: number;
  readonly resolution: string;
  readonly codecs: string;
  readonly audioGroup?: string;
}

export function writeMultivariantPlaylist(
  variants: readonly Variant[],
  mediaLines: readonly string[],
): string {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-INDEPENDENT-SEGMENTS", ...mediaLines];
  for (const { uri, bandwidthBps, resolution, codecs, audioGroup } of variants) {
    const audio = audioGroup === undefined ? "" : `,AUDIO="${audioGroup}"`;
    lines.push(
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidthBps},RESOLUTION=${resolution},CODECS="${codecs}"${audio}`,
      uri,
    );
  }
  return [...lines, ""].join("\n");
}
