import { decodeBase64Url, HASH_BYTES, MAX_SEGMENT_BYTES } from "@tributary/protocol";

/** A segment or part as a media playlist lists it. */
export interface ListedSegment {
  readonly sequence: number;
  /** -1: the whole segment. */
  readonly part: number;
  /** Absolute. */
  readonly url: string;
  readonly rangeStart: number;
  /** 0: the whole resource. */
  readonly rangeLength: number;
  /** What `#EXT-X-TRIBUTARY-ROOT` says of it; null where there is no such tag, or a mangled one. */
  readonly root: { readonly hash: Uint8Array; readonly sizeBytes: number } | null;
}

export interface MediaPlaylist {
  readonly segments: readonly ListedSegment[];
  /** False: it does not change any more. */
  readonly live: boolean;
  readonly targetMs: number;
}

export interface MultivariantPlaylist {
  /** Absolute, each once: renditions and alternate audio. */
  readonly playlists: readonly string[];
  /** The highest peak of its variants, their audio included; null where none is named. */
  readonly bitrateBps: number | null;
}

const ROOT_TAG = "#EXT-X-TRIBUTARY-ROOT:";
const PART_TAG = "#EXT-X-PART:";
/** Of one playlist, its newest: 27 hours at 2 s. To read all that a playlist can list would hold up the tracker. */
const segmentsMax = 50_000;
/** Ten gigabits a second: whatever is computed from it stays far below 2^53. */
const bandwidthDigitsMax = 10;

/** Null for a text that lists no other playlists. */
export function parseMultivariant(text: string, url: string): MultivariantPlaylist | null {
  const playlists = new Set<string>();
  let bitrateBps: number | null = null;
  let isVariant = false;
  for (const line of linesOf(text)) {
    if (line.startsWith("#EXT-X-STREAM-INF:")) {
      isVariant = true;
      const peak = wholeNumber(attribute(line, "BANDWIDTH"), bandwidthDigitsMax);
      if (peak > 0) bitrateBps = Math.max(bitrateBps ?? 0, peak);
    } else if (line.startsWith("#EXT-X-MEDIA:") && attribute(line, "TYPE") === "AUDIO") {
      add(playlists, attribute(line, "URI"), url);
    } else if (isVariant && line !== "" && !line.startsWith("#")) {
      add(playlists, line, url);
      isVariant = false;
    }
  }
  return playlists.size === 0 ? null : { playlists: [...playlists], bitrateBps };
}

function add(playlists: Set<string>, uri: string | null, base: string): void {
  if (uri !== null && URL.canParse(uri, base)) playlists.add(new URL(uri, base).href);
}

/** Whatever cannot be understood is left out: it costs the payment for that segment and nothing more. */
export function parseMedia(text: string, url: string): MediaPlaylist {
  const segments: ListedSegment[] = [];
  const nextStart = new Map<string, number>();
  let [sequence, part, targetMs] = [0, 0, 0];
  let root: ListedSegment["root"] = null;
  let range: string | null = null;
  const lines = linesOf(text);
  let tooOld = lines.filter(isListing).length - segmentsMax;

  function list(uri: string | null, byteRange: string | null, at: number): void {
    const isTooOld = tooOld-- > 0;
    // A range that names no start goes on where the one before it ended.
    if (uri === null || (isTooOld && byteRange === null) || !URL.canParse(uri, url)) return;
    const [, length, start] = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(byteRange?.trim() ?? "") ?? [];
    const rangeStart = start === undefined ? (nextStart.get(uri) ?? 0) : Number(start);
    const rangeLength = Number(length ?? 0);
    nextStart.set(uri, rangeStart + rangeLength);
    if (isTooOld) return;
    segments.push({ sequence, part: at, url: new URL(uri, url).href, rangeStart, rangeLength, root });
  }

  for (const line of lines) {
    if (line.startsWith(ROOT_TAG)) root = parseRoot(line.slice(ROOT_TAG.length));
    else if (line.startsWith(PART_TAG)) {
      list(attribute(line, "URI"), attribute(line, "BYTERANGE"), part++);
      root = null;
    } else if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) sequence = wholeNumber(line.slice(22), 15);
    else if (line.startsWith("#EXT-X-TARGETDURATION:")) targetMs = 1_000 * Number(line.slice(22)) || 0;
    else if (line.startsWith("#EXT-X-BYTERANGE:")) range = line.slice(17);
    else if (isListing(line)) {
      list(line, range, -1);
      [root, range, part] = [null, null, 0];
      sequence++;
    }
  }
  return { segments, live: !lines.includes("#EXT-X-ENDLIST"), targetMs };
}

/** Whether the line names a segment or a part. */
const isListing = (line: string) => (line !== "" && !line.startsWith("#")) || line.startsWith(PART_TAG);

/** "<root in base64url>,<size>" */
function parseRoot(text: string): ListedSegment["root"] {
  const [, encoded = "", digits] = /^([\w-]{43}),(\d{1,10})\s*$/.exec(text) ?? [];
  const [hash, sizeBytes] = [decodeBase64Url(encoded), Number(digits)];
  return hash?.length === HASH_BYTES && sizeBytes >= 1 && sizeBytes <= MAX_SEGMENT_BYTES
    ? { hash, sizeBytes }
    : null;
}

/** HLS's decimal-integer; 0 for anything else, and for more digits than make sense. */
const wholeNumber = (text: string | null, digitsMax: number): number =>
  text !== null && /^\d+$/.test(text) && text.length <= digitsMax ? Number(text) : 0;

const linesOf = (text: string) => text.split(/\r?\n/).map((line) => line.trim());

function attribute(line: string, name: string): string | null {
  const match = new RegExp(`[:,]${name}=(?:"([^"]*)"|([^",]*))`).exec(line);
  return match?.[1] ?? match?.[2] ?? null;
}
