import { type Layout, refined, u32, u64, uint } from "../codec/layout.ts";
import { fail, readUint, remainingBytes } from "../codec/reader.ts";
import { writeUint } from "../codec/writer.ts";
import { MAX_PART, type SegmentId, WHOLE_SEGMENT } from "../ids.ts";
import { MAX_SEGMENT_BYTES } from "../pieces.ts";

/** One link of the accumulator's chain: so many verified bytes of this segment came over this grant. */
export interface Link {
  readonly segment: SegmentId;
  /** At least 1. Fewer than the segment's size where others brought the rest, or a later link does. */
  readonly bytes: number;
}

const part = uint(4, MAX_PART, WHOLE_SEGMENT);
const linkBytes = refined(uint(4, MAX_SEGMENT_BYTES), (value) => value > 0, "at least one byte");
const RUN_MAX = 0xffff;
/** Of one link. */
const RUN_BYTES_MIN = 26;

/** The segment that a run goes on with: the next of the track, or the next part of an LL-HLS segment. */
function successorOf({ track, sequence, part }: SegmentId): Omit<SegmentId, "fingerprint"> {
  return part === WHOLE_SEGMENT
    ? { track, sequence: sequence + 1, part }
    : { track, sequence, part: part + 1 };
}

function continues(before: SegmentId, segment: SegmentId): boolean {
  const next = successorOf(before);
  return next.track === segment.track && next.sequence === segment.sequence && next.part === segment.part;
}

function runsOf(links: readonly Link[]): Link[][] {
  const runs: Link[][] = [];
  for (const link of links) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (
      run === undefined ||
      last === undefined ||
      run.length === RUN_MAX ||
      !continues(last.segment, link.segment)
    )
      runs.push([link]);
    else run.push(link);
  }
  return runs;
}

/**
 * Links in the order of the chain, run-length: the number of runs u16; for each track u32, sequence u64 and part
 * u32 (plus one) of its first segment, the number of its links u16 and for each of these fingerprint u32 and
 * bytes u32. A run goes to the next sequence, or part; it is as long as it can be, so that links have one encoding.
 */
export function linkRuns(maxCount: number): Layout<readonly Link[]> {
  return {
    write(writer, links, name) {
      if (links.length > maxCount)
        throw new RangeError(`${name}: expected at most ${maxCount} links, got ${links.length}`);
      const runs = runsOf(links);
      writeUint(writer, runs.length, 2);
      for (const run of runs) {
        const { track, sequence, part: first } = run[0]!.segment;
        u32.write(writer, track, `${name}.track`);
        u64.write(writer, sequence, `${name}.sequence`);
        part.write(writer, first, `${name}.part`);
        writeUint(writer, run.length, 2);
        for (const link of run) {
          u32.write(writer, link.segment.fingerprint, `${name}.fingerprint`);
          linkBytes.write(writer, link.bytes, `${name}.bytes`);
        }
      }
    },
    read(reader) {
      const links: Link[] = [];
      let runsLeft = readUint(reader, 2, RUN_MAX);
      if (RUN_BYTES_MIN * runsLeft > remainingBytes(reader)) fail(reader, "truncated", "wrong-length");
      for (; runsLeft > 0 && !reader.failed; runsLeft--) {
        const first = { track: u32.read(reader), sequence: u64.read(reader), part: part.read(reader) };
        const before = links.at(-1);
        const count = readUint(reader, 2, RUN_MAX);
        if (reader.failed) break;
        if (count === 0) fail(reader, "an empty run", "wrong-order");
        if (before !== undefined && continues(before.segment, { ...first, fingerprint: 0 }))
          fail(reader, "a run that its neighbour should hold", "wrong-order");
        if (links.length + count > maxCount) fail(reader, `more than ${maxCount} links`, "wrong-length");
        if (8 * count > remainingBytes(reader)) fail(reader, "truncated", "wrong-length");
        const ofParts = first.part !== WHOLE_SEGMENT;
        const room = ofParts ? MAX_PART - first.part : Number.MAX_SAFE_INTEGER - first.sequence;
        if (count - 1 > room) fail(reader, "a run beyond the last number", "overflow");
        for (let at = 0; at < count && !reader.failed; at++) {
          const segment: SegmentId = {
            track: first.track,
            sequence: ofParts ? first.sequence : first.sequence + at,
            part: ofParts ? first.part + at : first.part,
            fingerprint: u32.read(reader),
          };
          links.push({ segment, bytes: linkBytes.read(reader) });
        }
      }
      return links;
    },
  };
}

export function bytesOfLinks(links: readonly Link[]): number {
  return links.reduce((sum, link) => sum + link.bytes, 0);
}
