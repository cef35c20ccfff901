import {
  decodeBase64Url,
  encodeBase64Url,
  HASH_BYTES,
  MAX_SEGMENT_BYTES,
  pieceCountOf,
  PIECE_BYTES,
  rootPreimage,
} from "@tributary/protocol";

/** SHA-256 and what is built from it. The bytes are read before the call returns; the answer comes later. */
export interface Digests {
  sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether a piece list hashes to a root (base64url). False for a list of the wrong length. */
  checkList(sizeBytes: number, hashes: Uint8Array, root: string): Promise<boolean>;
  checkPiece(bytes: Uint8Array, piece: number, hashes: Uint8Array): Promise<boolean>;
  listOf(bytes: Uint8Array): Promise<{ readonly hashes: Uint8Array; readonly root: string }>;
}

export function createDigests(subtle: SubtleCrypto): Digests {
  const sha256 = async (bytes: Uint8Array) =>
    new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  const rootOf = async (sizeBytes: number, hashes: Uint8Array) => sha256(rootPreimage(sizeBytes, hashes));

  return {
    sha256,
    async checkList(sizeBytes, hashes, root) {
      const expected = decodeBase64Url(root);
      if (expected === null || sizeBytes > MAX_SEGMENT_BYTES) return false;
      if (hashes.length !== HASH_BYTES * pieceCountOf(sizeBytes)) return false;
      return sameBytes(await rootOf(sizeBytes, hashes), expected);
    },
    async checkPiece(bytes, piece, hashes) {
      const expected = hashes.subarray(piece * HASH_BYTES, (piece + 1) * HASH_BYTES);
      return sameBytes(await sha256(bytes), expected);
    },
    async listOf(bytes) {
      const sizeBytes = bytes.length;
      const digests: Promise<Uint8Array>[] = [];
      for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
        digests.push(sha256(bytes.subarray(at, at + PIECE_BYTES)));
      const hashes = new Uint8Array(HASH_BYTES * digests.length);
      (await Promise.all(digests)).forEach((digest, piece) => hashes.set(digest, piece * HASH_BYTES));
      return { hashes, root: encodeBase64Url(await rootOf(sizeBytes, hashes)) };
    },
  };
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
