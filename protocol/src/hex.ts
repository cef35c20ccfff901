const DIGITS = [..."0123456789abcdef"].map((digit) => digit.charCodeAt(0));
/** What one call takes as arguments everywhere. */
const PART_BYTES = 4_096;

/** Lower case. */
export function encodeHex(bytes: Uint8Array): string {
  let text = "";
  // Ids are looked up by it all the time: a text that is made at once is half the work of one that is put together.
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    const end = Math.min(start + PART_BYTES, bytes.length);
    const codes = new Array<number>(2 * (end - start));
    for (let at = start, to = 0; at < end; at++) {
      codes[to++] = DIGITS[bytes[at]! >> 4]!;
      codes[to++] = DIGITS[bytes[at]! & 0xf]!;
    }
    text += String.fromCharCode(...codes);
  }
  return text;
}

/** Null for anything but pairs of lower-case digits. */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
