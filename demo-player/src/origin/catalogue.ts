import { cutAtKeyFrames } from "./cut.ts";
import { loadKey, loadRendition, type Rendition } from "./fixtures.ts";
import { liveStream } from "./live.ts";
import { liveAbrStream } from "./live-abr.ts";
import { startClock } from "./live-window.ts";
import { lowLatencyStream } from "./low-latency.ts";
import type { Stream } from "./resource.ts";
import {
  abrStream,
  alternateAudioStream,
  byteRangeStream,
  encryptedStream,
  repeatedVodStream,
  vodStream,
} from "./vod.ts";

/** A live window of six segments, as packagers write it by default. */
const WINDOW_COUNT = 6;

/** Makes two minutes of the one. */
const LONG_ROUNDS = 2;

export const STREAM_NAMES = [
  "vod-ts",
  "vod-long",
  "vod-fmp4",
  "vod-byterange",
  "vod-abr",
  "vod-audio",
  "vod-aes",
  "live-ts",
  "live-ts-2s",
  "live-fmp4",
  "live-abr",
  "ll",
  "ll-ranges",
] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

/** Every sample stream by its first path component. Live streams begin now. */
export function createCatalogue(now: () => number): Readonly<Record<StreamName, Stream>> {
  const ts = loadRendition("ts-360");
  const tsShort = cutAtKeyFrames(ts);
  const fmp4 = loadRendition("fmp4-360");
  const startMs = now();
  const live = (rendition: Rendition): Stream => liveStream(rendition, clockOf(rendition, startMs), now);
  const lowLatency = (parts: "files" | "ranges"): Stream =>
    lowLatencyStream(fmp4, clockOf(fmp4, startMs), now, { parts });
  const sizes = ofOneLength({ 180: loadRendition("ts-180"), 240: loadRendition("ts-240"), 360: ts });
  return {
    "vod-ts": vodStream(ts),
    "vod-long": repeatedVodStream(ts, LONG_ROUNDS),
    "vod-fmp4": vodStream(fmp4),
    "vod-byterange": byteRangeStream(ts),
    "vod-abr": abrStream(sizes),
    "vod-audio": alternateAudioStream(
      loadRendition("video-240"),
      new Map([
        ["low", loadRendition("audio-low")],
        ["high", loadRendition("audio-high")],
      ]),
    ),
    "vod-aes": encryptedStream(ts, loadKey()),
    "live-ts": live(ts),
    "live-ts-2s": live(tsShort),
    "live-fmp4": live(fmp4),
    "live-abr": liveAbrStream(sizes, clockOf([...sizes.values()][0]!, startMs), now),
    ll: lowLatency("files"),
    "ll-ranges": lowLatency("ranges"),
  };
}

/** All as long as the shortest. */
function ofOneLength(renditions: Readonly<Record<string, Rendition>>): Map<string, Rendition> {
  const count = Math.min(...Object.values(renditions).map(({ segments }) => segments.length));
  return new Map(
    Object.entries(renditions).map(([name, each]) => [
      name,
      { ...each, segments: each.segments.slice(0, count) },
    ]),
  );
}

function clockOf(rendition: Rendition, startMs: number): ReturnType<typeof startClock> {
  return startClock(startMs, {
    segmentMs: rendition.segmentMs,
    roundCount: rendition.segments.length,
    windowCount: WINDOW_COUNT,
  });
}
