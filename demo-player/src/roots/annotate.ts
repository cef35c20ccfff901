import { ROOT_TAG } from "./root-of.ts";

/** Where one segment or part lies, as its playlist says. */
export interface SegmentReference {
  readonly uri: string;
  /** Null = the whole resource. */
  readonly range: { readonly offset: number; readonly length: number } | null;
}

/** A playlist that breaks the rules of HLS; the message says how. */
export class PlaylistError extends Error {}

export function isMediaPlaylist(text: string): boolean {
  return text.startsWith("#EXTM3U") && /^#EXTINF:/m.test(text);
}

/**
 * Puts the root of every segment before its URI and of every part before its tag. Roots that are there already are
 * replaced, so annotating twice changes nothing.
 * @throws PlaylistError on a byte range without a start.
 */
export function annotate(text: string, rootFor: (segment: SegmentReference) => string): string {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const lines: string[] = [];
  const nextOffsets = new Map<string, number>();
  let byteRange: string | null = null;

  function reference(uri: string, range: string | null): SegmentReference {
    if (range === null) return { uri, range: null };
    const match = /^(\d+)(?:@(\d+))?$/.exec(range.trim());
    const offset = match?.[2] === undefined ? nextOffsets.get(uri) : Number(match[2]);
    if (match === null || offset === undefined)
      throw new PlaylistError(`byte range ${range} of ${uri} has no start`);
    const length = Number(match[1]);
    nextOffsets.set(uri, offset + length);
    return { uri, range: { offset, length } };
  }

  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith(ROOT_TAG)) continue;
    if (line.startsWith("#EXT-X-BYTERANGE:")) byteRange = line.slice("#EXT-X-BYTERANGE:".length);
    if (line.startsWith("#EXT-X-PART:")) {
      const uri = attribute(line, "URI");
      if (uri === null) throw new PlaylistError("a part has no URI");
      if (attribute(line, "GAP") !== "YES")
        lines.push(ROOT_TAG + rootFor(reference(uri, attribute(line, "BYTERANGE"))));
    }
    const isUri = line.trim() !== "" && !line.startsWith("#");
    if (isUri) {
      if (!hasGap(lines)) lines.push(ROOT_TAG + rootFor(reference(line.trim(), byteRange)));
      byteRange = null;
    }
    lines.push(line);
  }
  return lines.join(lineEnd);
}

/** Whether the segment whose URI comes next is marked as missing. */
function hasGap(lines: readonly string[]): boolean {
  for (let i = lines.length - 1; i >= 0 && (lines[i] ?? "").startsWith("#"); i -= 1) {
    if (lines[i] === "#EXT-X-GAP") return true;
  }
  return false;
}

function attribute(line: string, name: string): string | null {
  const match = new RegExp(`[:,]${name}=(?:"([^"]*)"|([^",]*))`).exec(line);
  return match?.[1] ?? match?.[2] ?? null;
}
