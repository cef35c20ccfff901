/** The length of `text` as UTF-8, or -1 where a surrogate lacks its partner. */
export function utf8LengthOf(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point >= 0xd800 && point < 0xe000) return -1;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}

/** @throws RangeError where a surrogate lacks its partner. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const length = utf8LengthOf(text);
  if (length < 0) throw new RangeError("text: lone surrogate");
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    const tailCount = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    bytes[at++] = (LEAD[tailCount]! | (point >> (6 * tailCount))) & 0xff;
    for (let tail = tailCount - 1; tail >= 0; tail--) bytes[at++] = 0x80 | ((point >> (6 * tail)) & 0x3f);
  }
  return bytes;
}

/** Null for anything but well-formed UTF-8: overlong forms, surrogates and cut sequences are refused. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at++]!;
    const tailCount =
      lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
    if (tailCount < 0 || at + tailCount > bytes.length) return null;
    let point = tailCount === 0 ? lead : lead & (0x3f >> tailCount);
    for (let tail = 0; tail < tailCount; tail++) {
      const byte = bytes[at++]!;
      if ((byte & 0xc0) !== 0x80) return null;
      point = (point << 6) | (byte & 0x3f);
    }
    if (point < SMALLEST[tailCount]! || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return null;
    text += String.fromCodePoint(point);
  }
  return text;
}

/** `text`, or as many of its first characters as fit; lone surrogates become U+FFFD. For messages to people. */
export function truncateUtf8(text: string, maxBytes: number): string {
  let kept = "";
  let length = 0;
  for (const character of text) {
    const own = utf8LengthOf(character);
    length += own < 0 ? 3 : own;
    if (length > maxBytes) break;
    kept += own < 0 ? "\ufffd" : character;
  }
  return kept;
}

/** By the number of continuation bytes. */
const LEAD = [0, 0xc0, 0xe0, 0xf0];
const SMALLEST = [0, 0x80, 0x800, 0x10000];
