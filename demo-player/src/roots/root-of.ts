import { createHash } from "node:crypto";
import { encodeBase64Url, PIECE_BYTES, rootPreimage } from "@tributary/protocol";

export const ROOT_TAG = "#EXT-X-TRIBUTARY-ROOT:";

/** The tag's value for one segment: `<base64url root>,<size in bytes>`. */
export function rootOf(segment: Uint8Array): string {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < segment.length; at += PIECE_BYTES) {
    hashes.push(
      createHash("sha256")
        .update(segment.subarray(at, at + PIECE_BYTES))
        .digest(),
    );
  }
  const root = createHash("sha256")
    .update(rootPreimage(segment.length, Buffer.concat(hashes)))
    .digest();
  return `${encodeBase64Url(root)},${segment.length}`;
}
