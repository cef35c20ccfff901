import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";

/** Standard base64 with padding (RFC 4648, section 4), as signed notes use it. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encodeBase64Url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** Null for anything that `encodeBase64` would not have written. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return decodeBase64Url(text.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_"));
}
