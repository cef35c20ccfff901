import { createHash } from "node:crypto";
import { PIECE_BYTES, rootPreimage } from "@tributary/protocol";

/** Computes a segment's root from its bytes as they come, keeping none of them. */
export interface PieceHasher {
  add(bytes: Uint8Array): void;
  finish(): { readonly sizeBytes: number; readonly root: Uint8Array };
}

export function createPieceHasher(): PieceHasher {
  const hashes: Uint8Array[] = [];
  let piece = createHash("sha256");
  let pieceBytes = 0;
  let sizeBytes = 0;
  const endPiece = () => {
    hashes.push(piece.digest());
    piece = createHash("sha256");
    pieceBytes = 0;
  };
  return {
    add(bytes) {
      for (let at = 0; at < bytes.length;) {
        const some = bytes.subarray(at, at + PIECE_BYTES - pieceBytes);
        piece.update(some);
        at += some.length;
        pieceBytes += some.length;
        if (pieceBytes === PIECE_BYTES) endPiece();
      }
      sizeBytes += bytes.length;
    },
    finish() {
      if (pieceBytes > 0) endPiece();
      const preimage = rootPreimage(sizeBytes, Buffer.concat(hashes));
      return { sizeBytes, root: new Uint8Array(createHash("sha256").update(preimage).digest()) };
    },
  };
}
