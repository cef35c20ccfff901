import type { Rendition } from "./fixtures.ts";
import { fixtureIndex, isDiscontinuity, isServed, type LiveClock, windowAt } from "./live-window.ts";
import { type PlaylistSegment, writeMediaPlaylist, writeMultivariantPlaylist } from "./playlist.ts";
import { mediaResource, playlistResource, type Resource, type Stream } from "./resource.ts";

export function segmentName(rendition: Rendition, sequence: number): string {
  return `seg-${sequence}.${rendition.extension}`;
}

export function segmentBytes(rendition: Rendition, clock: LiveClock, sequence: number): Uint8Array {
  const bytes = rendition.segments[fixtureIndex(clock, sequence)];
  if (bytes === undefined) throw new RangeError(`no segment ${sequence}`);
  return bytes;
}

/** One listed segment of the window. */
export function liveSegment(rendition: Rendition, clock: LiveClock, sequence: number): PlaylistSegment {
  return {
    uri: segmentName(rendition, sequence),
    range: null,
    durationS: clock.segmentMs / 1000,
    bytes: segmentBytes(rendition, clock, sequence),
    discontinuity: isDiscontinuity(clock, sequence),
    startedAtMs: clock.startMs + sequence * clock.segmentMs,
  };
}

export function liveMultivariant(rendition: Rendition): Resource {
  return playlistResource(writeMultivariantPlaylist([{ uri: "media.m3u8", ...rendition.variant }], []));
}

/** The sequence number in a live segment's name, or null for another name. */
export function sequenceIn(name: string, rendition: Rendition): number | null {
  const match = /^seg-(\d+)\.(\w+)$/.exec(name);
  return match?.[2] === rendition.extension ? Number(match[1]) : null;
}

/** A window that slides over the rendition without end. Every segment has a URL of its own, for ever. */
export function liveStream(rendition: Rendition, clock: LiveClock, now: () => number): Stream {
  function playlist(roots: boolean): Resource {
    const { firstSequence, lastSequence, discontinuitySequence } = windowAt(clock, now());
    const segments = [];
    for (let sequence = firstSequence; sequence <= lastSequence; sequence += 1)
      segments.push(liveSegment(rendition, clock, sequence));
    return playlistResource(
      writeMediaPlaylist({
        targetDurationS: Math.ceil(clock.segmentMs / 1000),
        headerLines: [
          `#EXT-X-MEDIA-SEQUENCE:${firstSequence}`,
          `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
          ...(rendition.init === null ? [] : ['#EXT-X-MAP:URI="init.mp4"']),
        ],
        segments,
        tailLines: [],
        roots,
      }),
    );
  }

  return ({ name, roots }) => {
    if (name === "index.m3u8") return liveMultivariant(rendition);
    if (name === "media.m3u8") return playlist(roots);
    if (name === "init.mp4" && rendition.init !== null) return mediaResource(name, rendition.init);
    const sequence = sequenceIn(name, rendition);
    if (sequence === null || !isServed(clock, sequence, now())) return null;
    return mediaResource(name, segmentBytes(rendition, clock, sequence));
  };
}
