// The language's own URI functions are a strict UTF-8 codec, present wherever the cores run (TextEncoder is not).

const PERCENT = 0x25;

/** @throws RangeError beginning with `name` where a surrogate lacks its partner. */
export function encodeUtf8(text: string, name = "text"): Uint8Array<ArrayBuffer> {
  let escaped: string;
  try {
    escaped = encodeURIComponent(text);
  } catch {
    throw new RangeError(`${name}: expected well-formed text, got a lone surrogate`);
  }
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at++) {
    const isEscape = escaped[at] === "%";
    bytes[length++] = isEscape ? parseInt(escaped.slice(at + 1, (at += 2) + 1), 16) : escaped.charCodeAt(at);
  }
  return bytes.slice(0, length);
}

/** Whether it is well-formed text of no more bytes than that. */
export function fitsUtf8(text: string, maxBytes: number): boolean {
  try {
    return encodeUtf8(text).length <= maxBytes;
  } catch {
    return false;
  }
}

/** Null for anything but well-formed UTF-8: overlong forms, surrogates and cut sequences are refused. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  let escaped = "";
  for (const byte of bytes)
    escaped += byte < 0x80 && byte !== PERCENT ? String.fromCharCode(byte) : `%${byte.toString(16)}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return null;
  }
}

/** `text`, or as many of its first characters as fit; lone surrogates become U+FFFD. For messages to people. */
export function truncateUtf8(text: string, maxBytes: number): string {
  let kept = "";
  let length = 0;
  for (const character of text.replace(/\p{Surrogate}/gu, "\ufffd")) {
    length += encodeUtf8(character).length;
    if (length > maxBytes) break;
    kept += character;
  }
  return kept;
}
