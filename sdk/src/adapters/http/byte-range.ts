import type { SegmentSource } from "../../core/model.ts";

/** What one exchange has to bring, in absolute bytes of the resource. `endBytes` is exclusive, null for "to its end". */
export interface ByteRange {
  readonly startBytes: number;
  readonly endBytes: number | null;
  /** A part of the segment: only a 206 answers it. */
  readonly tail: boolean;
}

/** The absolute range for bytes `offsetBytes` to `endBytes` of a segment that may itself be a range of a resource. */
export function byteRangeOf(source: SegmentSource, offsetBytes: number, endBytes: number | null): ByteRange {
  const base = source.rangeStartBytes ?? 0;
  const segmentEnd = source.rangeLengthBytes === null ? null : base + source.rangeLengthBytes;
  const wantedEnd = endBytes === null ? segmentEnd : base + endBytes;
  const end = segmentEnd !== null && wantedEnd !== null ? Math.min(segmentEnd, wantedEnd) : wantedEnd;
  return { startBytes: base + offsetBytes, endBytes: end, tail: offsetBytes > 0 || endBytes !== null };
}

/** The Range header's value, null where the whole resource is wanted. */
export function rangeHeaderOf(range: ByteRange): string | null {
  if (range.startBytes === 0 && range.endBytes === null) return null;
  return `bytes=${range.startBytes}-${range.endBytes === null ? "" : range.endBytes - 1}`;
}

/** First byte that a Content-Range header names, null where the header is absent, hidden by CORS or unreadable. */
export function contentRangeStartOf(header: string | null): number | null {
  const match = /^bytes (\d+)-\d+\//.exec(header ?? "");
  return match === null ? null : Number(match[1]);
}

/** How a body maps onto the wanted bytes, or why it cannot. */
export type BodyPlan =
  | {
      readonly ok: true;
      readonly skipBytes: number;
      readonly takeBytes: number | null;
      readonly expectedBytes: number | null;
    }
  | { readonly ok: false };

export interface ResponseHead {
  readonly status: number;
  readonly contentLength: string | null;
  readonly contentEncoding: string | null;
  readonly contentRange: string | null;
}

/** Not ok where a Range request came back as something that does not hold the wanted bytes on their own. */
export function planBody(range: ByteRange, head: ResponseHead): BodyPlan {
  const wantedBytes = range.endBytes === null ? null : range.endBytes - range.startBytes;
  const announced = announcedBytesOf(head);
  const asked = rangeHeaderOf(range) !== null;
  if (asked && head.status === 206) {
    const start = contentRangeStartOf(head.contentRange) ?? range.startBytes;
    if (start !== range.startBytes) return { ok: false };
    return { ok: true, skipBytes: 0, takeBytes: wantedBytes, expectedBytes: wantedBytes ?? announced };
  }
  if (asked && range.tail) return { ok: false };
  const left = announced === null ? null : Math.max(0, announced - range.startBytes);
  return {
    ok: true,
    skipBytes: range.startBytes,
    takeBytes: wantedBytes,
    expectedBytes: wantedBytes ?? left,
  };
}

/** Content-Length counts encoded bytes, so it says nothing about a body that the browser decodes. */
function announcedBytesOf(head: ResponseHead): number | null {
  if (head.contentEncoding !== null && head.contentEncoding !== "identity") return null;
  if (head.contentLength === null || !/^\d+$/.test(head.contentLength)) return null;
  return Number(head.contentLength);
}
