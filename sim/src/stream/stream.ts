import { segmentKeyOf, type SegmentKey } from "@tributary/protocol";
import type { SegmentInfo, TrackView } from "@tributary/sdk/core";
import { createRandom } from "../random.ts";

export interface StreamOptions {
  readonly live: boolean;
  readonly segmentMs: number;
  readonly bitrateBps: number;
  /** Segments of a VOD; of a live stream those there will ever be. */
  readonly segmentCount: number;
  /** Segments that a live playlist lists at a time. */
  readonly windowCount: number;
  /** Whether the playlist names the roots; otherwise the tracker's verifier does. */
  readonly rootsInPlaylist: boolean;
}

/** One rendition of one title, the same for every viewer. */
export interface Stream extends StreamOptions {
  readonly totalBytes: number;
  segment(sequence: number): SegmentInfo;
  sizeOf(sequence: number): number;
  sequenceOf(key: SegmentKey): number;
  rootOf(sequence: number): string;
  /** The playlist as the origin serves it at that time; viewers that load the same one share it. */
  viewAt(nowMs: number): TrackView;
  /** When a live segment is first listed: once its last frame is encoded. Zero for VOD. */
  publishedAtMs(sequence: number): number;
}

const track = 7;
/** Sizes of a variable bitrate stream lie within this of their mean. */
const sizeSpread = 0.2;

export function createStream(options: StreamOptions, seed: number): Stream {
  const random = createRandom(seed, "stream");
  const meanBytes = (options.bitrateBps * options.segmentMs) / 8000;
  const sizes: number[] = [];
  const segments: SegmentInfo[] = [];
  const sequences = new Map<SegmentKey, number>();
  for (let sequence = 0; sequence < options.segmentCount; sequence++) {
    const sizeBytes = Math.round(meanBytes * random.between(1 - sizeSpread, 1 + sizeSpread));
    const id = { track, sequence, part: -1, fingerprint: 1000 + sequence };
    const key = segmentKeyOf(id);
    sizes.push(sizeBytes);
    sequences.set(key, sequence);
    segments.push({
      id,
      key,
      startMs: sequence * options.segmentMs,
      durationMs: options.segmentMs,
      source: {
        url: `https://cdn.example/${sequence}.ts`,
        rangeStartBytes: null,
        rangeLengthBytes: null,
      },
      root: options.rootsInPlaylist ? { hash: rootOf(sequence), sizeBytes } : null,
    });
  }

  const views = new Map<number, TrackView>();
  const viewOf = (from: number, to: number): TrackView => {
    let view = views.get(to);
    if (view === undefined) {
      view = {
        track,
        kind: "main",
        live: options.live,
        targetDurationMs: options.segmentMs,
        partTargetMs: 0,
        segments: segments.slice(from, to),
      };
      views.set(to, view);
    }
    return view;
  };

  /** The first window is over when the simulation begins. */
  const publishedAtMs = (sequence: number) =>
    options.live ? Math.max(0, (sequence + 1 - options.windowCount) * options.segmentMs) : 0;

  return {
    ...options,
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
    segment: (sequence) => segments[sequence]!,
    sizeOf: (sequence) => sizes[sequence]!,
    sequenceOf: (key) => sequences.get(key) ?? -1,
    rootOf,
    viewAt(nowMs) {
      if (!options.live) return viewOf(0, options.segmentCount);
      const published = Math.floor(nowMs / options.segmentMs) + options.windowCount;
      const to = Math.min(options.segmentCount, published);
      return viewOf(Math.max(0, to - options.windowCount), to);
    },
    publishedAtMs,
  };
}

function rootOf(sequence: number): string {
  return `root-${sequence}`;
}
