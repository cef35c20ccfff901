import type { SegmentMark } from "../protocol.ts";

/** Segments that one strip shows. */
export const STRIP_LENGTH = 20;

/** The strip with one more delivery: parts of one segment (LL-HLS) share a block, the oldest block falls out. */
export function withMark(strip: readonly SegmentMark[], mark: SegmentMark): readonly SegmentMark[] {
  const at = strip.findIndex((known) => known.track === mark.track && known.sequence === mark.sequence);
  const known = strip[at];
  if (!known) return [...strip, mark].slice(-STRIP_LENGTH);
  const grown = {
    ...known,
    peerBytes: known.peerBytes + mark.peerBytes,
    cdnBytes: known.cdnBytes + mark.cdnBytes,
  };
  return strip.with(at, grown);
}

export function peerShare(mark: SegmentMark): number {
  const bytes = mark.peerBytes + mark.cdnBytes;
  return bytes > 0 ? mark.peerBytes / bytes : 0;
}

export function describeStrip(strip: readonly SegmentMark[]): string {
  if (strip.length === 0) return "No segments yet";
  const wholly = (share: number) => strip.filter((mark) => peerShare(mark) === share).length;
  const mixed = strip.length - wholly(0) - wholly(1);
  const tail = mixed > 0 ? `, ${mixed} from both` : "";
  return `Last ${strip.length} segments: ${wholly(1)} from peers, ${wholly(0)} from the CDN${tail}`;
}
