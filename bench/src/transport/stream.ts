import type { MountHandler, Origin } from "@tributary/demo-player/origin";
import { ROOT_TAG, rootOf } from "../../../demo-player/src/roots/root-of.ts";

export const TRANSPORT_PREFIX = "/transport/";
export const SEGMENTS_COUNT = 15;
/** Four seconds of 8 Mbit/s. */
export const SEGMENT_BYTES = 4 * 2 ** 20;

const SEGMENT_SECONDS = 4;
const PACKET_BYTES = 188;
/** MPEG-TS packets that players skip (ISO/IEC 13818-1, PID 0x1fff). */
const NULL_PACKET = Uint8Array.from(
  { length: PACKET_BYTES },
  (_, at) => [0x47, 0x1f, 0xff, 0x10][at] ?? 0xff,
);

/**
 * The sample VOD with its segments padded to the size of a high bitrate, so that transfers are long enough to measure
 * and the player's own work stays small. Every segment differs, and each has its root in the playlist.
 */
export async function paddedStream(origin: Origin): Promise<MountHandler> {
  const files = new Map<string, string | Uint8Array>();
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`,
    "#EXT-X-PLAYLIST-TYPE:VOD",
  ];
  for (let index = 0; index < SEGMENTS_COUNT; index++) {
    const name = `seg-${index}.ts`;
    const original = await origin.read(`/vod-ts/${name}`);
    if (original === null) throw new Error(`the origin has no /vod-ts/${name}`);
    const bytes = padded(original);
    files.set(name, bytes);
    lines.push(`#EXTINF:${SEGMENT_SECONDS},`, ROOT_TAG + rootOf(bytes), name);
  }
  files.set("media.m3u8", [...lines, "#EXT-X-ENDLIST", ""].join("\n"));
  files.set("index.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=8400000\nmedia.m3u8\n");
  return (_request, response, url) => {
    const file = files.get(url.pathname.slice(TRANSPORT_PREFIX.length));
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  };
}

function padded(original: Uint8Array): Uint8Array {
  const packets = Math.ceil((SEGMENT_BYTES - original.length) / PACKET_BYTES);
  return Buffer.concat([original, ...Array.from({ length: packets }, () => NULL_PACKET)]);
}
