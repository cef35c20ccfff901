import { fragmentsOf } from "./cut.ts";
import type { Rendition } from "./fixtures.ts";
import { liveMultivariant, liveSegment, segmentBytes, segmentName, sequenceIn } from "./live.ts";
import {
  fixtureIndex,
  isDiscontinuity,
  isServed,
  type LiveClock,
  partReadyMs,
  windowAt,
} from "./live-window.ts";
import { partLines, type PlaylistPart, programDateTime, writeMediaPlaylist } from "./playlist.ts";
import { mediaResource, playlistResource, type Resource, type Stream } from "./resource.ts";

/** Parts leave the playlist after three target durations (RFC 8216bis, section 4.4.4.9). */
const SEGMENTS_WITH_PARTS = 3;
/** A reload that asks for more than this ahead is a mistake (RFC 8216bis, section 6.2.5.2). */
const BLOCKING_SEGMENTS_MAX = 2;

interface LowLatencyOptions {
  /** Whether parts are ranges of their segment's file or files of their own. */
  readonly parts: "files" | "ranges";
}

interface PartPosition {
  readonly sequence: number;
  readonly part: number;
}

export function lowLatencyStream(
  rendition: Rendition,
  clock: LiveClock,
  now: () => number,
  { parts: layout }: LowLatencyOptions,
): Stream {
  const fragments = rendition.segments.map(fragmentsOf);
  const partCount = fragments[0]?.length ?? 1;
  const partMs = clock.segmentMs / partCount;
  const readyMs = ({ sequence, part }: PartPosition): number => partReadyMs(clock, sequence, part, partMs);

  function partBytes({ sequence, part }: PartPosition): Uint8Array {
    const bytes = fragments[fixtureIndex(clock, sequence)]?.[part];
    if (bytes === undefined) throw new RangeError(`no part ${sequence}.${part}`);
    return bytes;
  }
  function partOffset({ sequence, part }: PartPosition): number {
    return partBytes({ sequence, part }).byteOffset - segmentBytes(rendition, clock, sequence).byteOffset;
  }
  function partUri({ sequence, part }: PartPosition): string {
    return layout === "files" ? `part-${sequence}-${part}.m4s` : segmentName(rendition, sequence);
  }
  function partAt(position: PartPosition): PlaylistPart {
    const bytes = partBytes(position);
    const start = layout === "ranges" ? partOffset(position) : 0;
    return {
      uri: partUri(position),
      range: layout === "ranges" ? { start, end: start + bytes.length } : null,
      durationS: partMs / 1000,
      independent: position.part % 2 === 0,
      bytes,
    };
  }
  function partsOf(sequence: number, count: number): PlaylistPart[] {
    return Array.from({ length: count }, (_, part) => partAt({ sequence, part }));
  }

  /** The lines of the segment being recorded, up to the hint at the part that comes next. */
  function tailLines(sequence: number, roots: boolean): string[] {
    const count = Math.floor((now() - clock.startMs - sequence * clock.segmentMs) / partMs);
    const hinted = { sequence, part: count };
    const start = layout === "ranges" ? `,BYTERANGE-START=${partOffset(hinted)}` : "";
    return [
      ...(isDiscontinuity(clock, sequence) ? ["#EXT-X-DISCONTINUITY"] : []),
      programDateTime(clock.startMs + sequence * clock.segmentMs),
      ...partsOf(sequence, count).flatMap((part) => partLines(part, roots)),
      `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partUri(hinted)}"${start}`,
    ];
  }

  function playlist(roots: boolean): Resource {
    const { firstSequence, lastSequence, discontinuitySequence } = windowAt(clock, now());
    const segments = [];
    for (let sequence = firstSequence; sequence <= lastSequence; sequence += 1) {
      const hasParts = lastSequence - sequence < SEGMENTS_WITH_PARTS;
      const parts = hasParts ? partsOf(sequence, partCount) : [];
      segments.push({ ...liveSegment(rendition, clock, sequence), parts });
    }
    return playlistResource(
      writeMediaPlaylist({
        targetDurationS: Math.ceil(clock.segmentMs / 1000),
        headerLines: [
          `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${((3 * partMs) / 1000).toFixed(3)}`,
          `#EXT-X-PART-INF:PART-TARGET=${(partMs / 1000).toFixed(5)}`,
          `#EXT-X-MEDIA-SEQUENCE:${firstSequence}`,
          `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
          '#EXT-X-MAP:URI="init.mp4"',
        ],
        segments,
        tailLines: tailLines(lastSequence + 1, roots),
        roots,
      }),
    );
  }

  /** The part that a blocking reload waits for; null = answer at once; "bad" = refuse. */
  function awaited(query: URLSearchParams): PartPosition | null | "bad" {
    const msn = query.get("_HLS_msn");
    const part = query.get("_HLS_part");
    if (msn === null) return part === null ? null : "bad";
    if (!/^\d+$/.test(msn) || (part !== null && !/^\d+$/.test(part))) return "bad";
    const sequence = Number(msn);
    if (sequence > windowAt(clock, now()).lastSequence + BLOCKING_SEGMENTS_MAX) return "bad";
    return { sequence, part: part === null ? partCount - 1 : Number(part) };
  }

  async function partFile(position: PartPosition, signal: AbortSignal): Promise<Resource | null> {
    const { lastSequence } = windowAt(clock, now());
    const known = position.part < partCount && position.sequence <= lastSequence + BLOCKING_SEGMENTS_MAX;
    if (!known || (position.sequence <= lastSequence && !isServed(clock, position.sequence, now())))
      return null;
    await waitUntil(readyMs(position), now, signal);
    return mediaResource("part.m4s", partBytes(position));
  }

  /** What is recorded is given at once, as CDNs do; what reaches into the hinted part, when that is complete. */
  async function segmentFile(
    name: string,
    sequence: number,
    endBytes: number,
    signal: AbortSignal,
  ): Promise<Resource | null> {
    if (isServed(clock, sequence, now()))
      return mediaResource(name, segmentBytes(rendition, clock, sequence));
    if (layout === "files" || sequence !== windowAt(clock, now()).lastSequence + 1) return null;
    const part = Math.floor((now() - clock.startMs - sequence * clock.segmentMs) / partMs);
    let recordedBytes = partOffset({ sequence, part });
    if (endBytes > recordedBytes) {
      await waitUntil(readyMs({ sequence, part }), now, signal);
      recordedBytes += partBytes({ sequence, part }).length;
    }
    return mediaResource(name, segmentBytes(rendition, clock, sequence).subarray(0, recordedBytes));
  }

  return async ({ name, query, endBytes, roots, signal }) => {
    if (name === "index.m3u8") return liveMultivariant(rendition);
    if (name === "media.m3u8") {
      const position = awaited(query);
      if (position === "bad") return 400;
      if (position !== null) await waitUntil(readyMs(position), now, signal);
      return playlist(roots);
    }
    if (name === "init.mp4" && rendition.init !== null) return mediaResource(name, rendition.init);
    const sequence = sequenceIn(name, rendition);
    if (sequence !== null) return segmentFile(name, sequence, endBytes, signal);
    const part = layout === "files" ? /^part-(\d+)-(\d+)\.m4s$/.exec(name) : null;
    if (part === null) return null;
    return partFile({ sequence: Number(part[1]), part: Number(part[2]) }, signal);
  };
}

async function waitUntil(atMs: number, now: () => number, signal: AbortSignal): Promise<void> {
  while (now() < atMs && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.ceil(atMs - now()));
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done);
    });
  }
}
