import { decodeBase64Url, MAX_SEGMENT_BYTES } from "@tributary/protocol";
import type { TrustedRoot } from "../../core/model.ts";

const TAG = "EXT-X-TRIBUTARY-ROOT";

/** `<base64url root>,<size>`; null for anything else, so that a mangled tag costs P2P and nothing more. */
export function parseRoot(value: string | undefined): TrustedRoot | null {
  const match = /^([\w-]{43}),(\d{1,10})\s*$/.exec(value ?? "");
  if (!match) return null;
  const [, hash, size] = match as unknown as [string, string, string];
  const sizeBytes = Number(size);
  if (sizeBytes < 1 || sizeBytes > MAX_SEGMENT_BYTES || decodeBase64Url(hash)?.length !== 32) return null;
  return { hash, sizeBytes };
}

/** The root of a whole segment from the tags that hls.js collected before its URI: the last one is nearest to it. */
export function rootOfTags(tagList: readonly (readonly string[])[]): TrustedRoot | null {
  return parseRoot(tagList.findLast((tag) => tag[0] === TAG)?.[1]);
}

/** `sequence.part`, part -1 being the whole segment. */
export const rootKey = (sequence: number, part: number): string => `${sequence}.${part}`;

/**
 * Roots out of the text of a playlist with parts, where hls.js puts the tags of parts and of their segment into one
 * list. A part's tag is the line just above it; a segment's stands anywhere after the last part and above its URI.
 */
export function rootsOfText(text: string): Map<string, TrustedRoot> {
  const roots = new Map<string, TrustedRoot>();
  let sequence = 0;
  let part = 0;
  let pending: TrustedRoot | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith(`#${TAG}:`)) {
      pending = parseRoot(line.slice(TAG.length + 2));
    } else if (line.startsWith("#EXT-X-PART:")) {
      if (pending) roots.set(rootKey(sequence, part), pending);
      pending = null;
      part++;
    } else if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) {
      sequence += parseInt(line.slice(22), 10) || 0;
    } else if (line.startsWith("#EXT-X-SKIP:")) {
      sequence += Number(/SKIPPED-SEGMENTS=(\d+)/.exec(line)?.[1] ?? 0);
    } else if (line !== "" && !line.startsWith("#")) {
      if (pending) roots.set(rootKey(sequence, -1), pending);
      pending = null;
      part = 0;
      sequence++;
    }
  }
  return roots;
}
