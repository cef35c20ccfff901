import { type Layout, u32, varint } from "./layout.ts";
import { part } from "./fields.ts";
import { fail, remainingBytes } from "./reader.ts";
import type { SegmentId, TrackId } from "../ids.ts";

function compare(a: SegmentId, b: SegmentId): number {
  return a.track - b.track || a.sequence - b.sequence || a.part - b.part || a.fingerprint - b.fingerprint;
}

/** Sorted, and each only once. */
function inOrder(segments: readonly SegmentId[]): SegmentId[] {
  return [...segments]
    .sort(compare)
    .filter((segment, index, sorted) => index === 0 || compare(sorted[index - 1]!, segment) < 0);
}

/**
 * A set of segments: the number of tracks; for each its id and the number of its segments; for each of those
 * the step from the sequence before, the part and the fingerprint. About six bytes per segment.
 * The order is part of the format, so a set has one encoding: the writer sorts, the reader insists.
 */
export function segmentSet(maxCount: number): Layout<readonly SegmentId[]> {
  const count = varint(maxCount);
  const sequence = varint();
  return {
    write(writer, segments, name) {
      if (segments.length > maxCount)
        throw new RangeError(`${name}: expected at most ${maxCount} segments, got ${segments.length}`);
      const tracks = new Map<TrackId, SegmentId[]>();
      for (const segment of inOrder(segments)) {
        const track = tracks.get(segment.track);
        if (track === undefined) tracks.set(segment.track, [segment]);
        else track.push(segment);
      }
      count.write(writer, tracks.size, name);
      for (const [track, members] of tracks) {
        u32.write(writer, track, `${name}.track`);
        count.write(writer, members.length, name);
        let previous = 0;
        for (const member of members) {
          // Checked as itself too: a step between two bad numbers may look good.
          if (!Number.isSafeInteger(member.sequence))
            throw new RangeError(`${name}.sequence: ${member.sequence}`);
          sequence.write(writer, member.sequence - previous, `${name}.sequence`);
          part.write(writer, member.part, `${name}.part`);
          u32.write(writer, member.fingerprint, `${name}.fingerprint`);
          previous = member.sequence;
        }
      }
    },
    read(reader) {
      const segments: SegmentId[] = [];
      let last: SegmentId | null = null;
      for (let tracksLeft = count.read(reader); tracksLeft > 0 && !reader.failed; tracksLeft--) {
        const track = u32.read(reader);
        const members = count.read(reader);
        if (members === 0 || segments.length + members > maxCount) fail(reader, "bad count");
        if (last !== null && track <= last.track) fail(reader, "out of order");
        if (members > remainingBytes(reader)) fail(reader, "truncated");
        let previous = 0;
        for (let left = members; left > 0 && !reader.failed; left--) {
          const member: SegmentId = {
            track,
            sequence: previous + sequence.read(reader),
            part: part.read(reader),
            fingerprint: u32.read(reader),
          };
          if (member.sequence > Number.MAX_SAFE_INTEGER) fail(reader, "sequence beyond 2^53");
          if (last !== null && compare(last, member) >= 0) fail(reader, "out of order");
          segments.push(member);
          last = member;
          previous = member.sequence;
        }
      }
      return segments;
    },
  };
}
