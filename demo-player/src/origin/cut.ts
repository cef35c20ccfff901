import type { Rendition } from "./fixtures.ts";

const PACKET_BYTES = 188;
const PAT_PID = 0;

/**
 * Cuts every segment of an MPEG-TS rendition at its key frames (one each 2 s). The muxer writes the program tables
 * before each key frame, so every cut begins with them and plays on its own.
 */
export function cutAtKeyFrames(rendition: Rendition): Rendition {
  const segments = rendition.segments.flatMap((segment) => {
    const cuts = [0, ...keyFrameOffsets(segment).slice(1), segment.length];
    return cuts.slice(1).map((end, i) => segment.subarray(cuts[i], end));
  });
  const segmentMs = (rendition.segmentMs * rendition.segments.length) / segments.length;
  return { ...rendition, segmentMs, segments };
}

function keyFrameOffsets(segment: Uint8Array): number[] {
  const offsets: number[] = [];
  let lastPat = -1;
  for (let at = 0; at + PACKET_BYTES <= segment.length; at += PACKET_BYTES) {
    const flags = segment[at + 1] ?? 0;
    const pid = ((flags & 0x1f) << 8) | (segment[at + 2] ?? 0);
    if (pid === PAT_PID) lastPat = at;
    const startsUnit = (flags & 0x40) !== 0;
    if (startsUnit && lastPat >= 0 && isVideoKeyFrame(segment.subarray(at, at + PACKET_BYTES))) {
      offsets.push(lastPat);
      lastPat = -1;
    }
  }
  return offsets;
}

function isVideoKeyFrame(packet: Uint8Array): boolean {
  const hasAdaptation = ((packet[3] ?? 0) & 0x20) !== 0;
  const adaptationBytes = packet[4] ?? 0;
  if (!hasAdaptation || adaptationBytes === 0) return false;
  const isRandomAccess = ((packet[5] ?? 0) & 0x40) !== 0;
  const streamId = packet[4 + 1 + adaptationBytes + 3] ?? 0;
  return isRandomAccess && (streamId & 0xf0) === 0xe0;
}

/** The fragments (moof and mdat) of an fMP4 segment: the parts of a low-latency stream. */
export function fragmentsOf(segment: Uint8Array): Uint8Array[] {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const starts: number[] = [];
  for (let at = 0; at < segment.length; at += view.getUint32(at)) {
    const type = String.fromCharCode(...segment.subarray(at + 4, at + 8));
    if (type === "moof") starts.push(at);
  }
  return starts.map((start, i) => segment.subarray(start, starts[i + 1] ?? segment.length));
}
