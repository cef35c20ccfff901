/** What a path of a stream answers with. */
export interface Resource {
  readonly kind: "media" | "playlist" | "key";
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ts: "video/mp2t",
  m4s: "video/mp4",
  mp4: "video/mp4",
  m3u8: "application/vnd.apple.mpegurl",
};

export function mediaResource(name: string, bytes: Uint8Array): Resource {
  return { kind: "media", contentType: contentTypeOf(name), bytes };
}

export function playlistResource(text: string): Resource {
  return { kind: "playlist", contentType: contentTypeOf("x.m3u8"), bytes: Buffer.from(text) };
}

export function keyResource(bytes: Uint8Array): Resource {
  return { kind: "key", contentType: "application/octet-stream", bytes };
}

function contentTypeOf(name: string): string {
  return CONTENT_TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}

export interface StreamRequest {
  /** Below the stream's prefix, without a leading slash. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Where the range that was asked for ends, exclusive; Infinity for all that there is. */
  readonly endBytes: number;
  /** Whether the playlist must carry the roots of its segments. */
  readonly roots: boolean;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Null means 404, a number another refusal. */
export type Stream = (request: StreamRequest) => Promise<Resource | number | null> | Resource | number | null;
