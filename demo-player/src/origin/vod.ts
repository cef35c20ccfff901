import { createCipheriv } from "node:crypto";
import type { Rendition } from "./fixtures.ts";
import {
  type PlaylistSegment,
  type Variant,
  writeMediaPlaylist,
  writeMultivariantPlaylist,
} from "./playlist.ts";
import { keyResource, mediaResource, playlistResource, type Resource, type Stream } from "./resource.ts";

type Files = Map<string, Resource | ((roots: boolean) => Resource)>;

function serve(files: Files): Stream {
  return ({ name, roots }) => {
    const file = files.get(name);
    return typeof file === "function" ? file(roots) : (file ?? null);
  };
}

interface VodOptions {
  readonly rendition: Rendition;
  readonly headerLines?: readonly string[];
  readonly segments: readonly PlaylistSegment[];
}

function vodPlaylist({ rendition, headerLines = [], segments }: VodOptions): (roots: boolean) => Resource {
  return (roots) =>
    playlistResource(
      writeMediaPlaylist({
        targetDurationS: Math.ceil(rendition.segmentMs / 1000),
        headerLines: [
          "#EXT-X-MEDIA-SEQUENCE:0",
          "#EXT-X-PLAYLIST-TYPE:VOD",
          ...(rendition.init === null ? [] : ['#EXT-X-MAP:URI="init.mp4"']),
          ...headerLines,
        ],
        segments,
        tailLines: ["#EXT-X-ENDLIST"],
        roots,
      }),
    );
}

function addRendition(files: Files, folder: string, rendition: Rendition): void {
  const segments = rendition.segments.map((bytes, i) => ({
    uri: `seg-${i}.${rendition.extension}`,
    range: null,
    durationS: rendition.segmentMs / 1000,
    bytes,
  }));
  if (rendition.init !== null) files.set(`${folder}init.mp4`, mediaResource("init.mp4", rendition.init));
  for (const { uri, bytes } of segments) files.set(folder + uri, mediaResource(uri, bytes));
  files.set(`${folder}media.m3u8`, vodPlaylist({ rendition, segments }));
}

function multivariant(variants: readonly Variant[], mediaLines: readonly string[] = []): Resource {
  return playlistResource(writeMultivariantPlaylist(variants, mediaLines));
}

export function vodStream(rendition: Rendition): Stream {
  const files: Files = new Map();
  addRendition(files, "", rendition);
  files.set("index.m3u8", multivariant([{ uri: "media.m3u8", ...rendition.variant }]));
  return serve(files);
}

/** The same picture several times over, with a discontinuity between; every segment has a URL of its own. */
export function repeatedVodStream(rendition: Rendition, rounds: number): Stream {
  const files: Files = new Map();
  const segments = Array.from({ length: rounds * rendition.segments.length }, (_, i): PlaylistSegment => {
    const index = i % rendition.segments.length;
    return {
      uri: `seg-${i}.${rendition.extension}`,
      range: null,
      durationS: rendition.segmentMs / 1000,
      bytes: rendition.segments[index]!,
      discontinuity: i > 0 && index === 0,
    };
  });
  for (const { uri, bytes } of segments) files.set(uri, mediaResource(uri, bytes));
  files.set("media.m3u8", vodPlaylist({ rendition, segments }));
  files.set("index.m3u8", multivariant([{ uri: "media.m3u8", ...rendition.variant }]));
  return serve(files);
}

/** Several sizes of one picture, best last; all of one length. */
export function abrStream(renditions: ReadonlyMap<string, Rendition>): Stream {
  const files: Files = new Map();
  const variants: Variant[] = [];
  for (const [name, rendition] of renditions) {
    addRendition(files, `${name}/`, rendition);
    variants.push({ uri: `${name}/media.m3u8`, ...rendition.variant });
  }
  files.set("index.m3u8", multivariant(variants));
  return serve(files);
}

/** One file that holds all segments one after another. */
export function byteRangeStream(rendition: Rendition): Stream {
  const file = Buffer.concat(rendition.segments);
  const uri = `all.${rendition.extension}`;
  let at = 0;
  const segments = rendition.segments.map(({ length }) => {
    const range = { start: at, end: at + length };
    at = range.end;
    return {
      uri,
      range,
      durationS: rendition.segmentMs / 1000,
      bytes: file.subarray(range.start, range.end),
    };
  });
  const files: Files = new Map();
  files.set(uri, mediaResource(uri, file));
  files.set("media.m3u8", vodPlaylist({ rendition, segments }));
  files.set("index.m3u8", multivariant([{ uri: "media.m3u8", ...rendition.variant }]));
  return serve(files);
}

/** Picture and sound apart, the sound in several renditions; the first is the default. */
export function alternateAudioStream(video: Rendition, audio: ReadonlyMap<string, Rendition>): Stream {
  const files: Files = new Map();
  addRendition(files, "video/", video);
  const mediaLines = [...audio].map(([name, rendition], i) => {
    addRendition(files, `${name}/`, rendition);
    const isDefault = i === 0 ? "YES" : "NO";
    return `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="${name}",DEFAULT=${isDefault},AUTOSELECT=YES,URI="${name}/media.m3u8"`;
  });
  const variant = { uri: "video/media.m3u8", ...video.variant, audioGroup: "sound" };
  files.set("index.m3u8", multivariant([variant], mediaLines));
  return serve(files);
}

/** AES-128 over whole segments; the initialization vector is the media sequence number (RFC 8216, section 5.2). */
export function encryptedStream(rendition: Rendition, key: Uint8Array): Stream {
  const files: Files = new Map();
  const segments = rendition.segments.map((clear, i) => {
    const iv = Buffer.alloc(16);
    iv.writeUInt32BE(i, 12);
    const cipher = createCipheriv("aes-128-cbc", key, iv);
    const bytes = Buffer.concat([cipher.update(clear), cipher.final()]);
    return { uri: `seg-${i}.ts`, range: null, durationS: rendition.segmentMs / 1000, bytes };
  });
  for (const { uri, bytes } of segments) files.set(uri, mediaResource(uri, bytes));
  files.set("aes.key", keyResource(key));
  const headerLines = ['#EXT-X-KEY:METHOD=AES-128,URI="aes.key"'];
  files.set("media.m3u8", vodPlaylist({ rendition, headerLines, segments }));
  files.set("index.m3u8", multivariant([{ uri: "media.m3u8", ...rendition.variant }]));
  return serve(files);
}
