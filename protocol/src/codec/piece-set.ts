import { MAX_PIECES } from "../pieces.ts";
import { bytes, refined } from "./layout.ts";

/**
 * Which pieces of a segment: piece n is bit n % 8, counted from the lowest, of byte n / 8. No byte follows the
 * last that is not zero, so that a set has one encoding.
 */
export const pieceSet = refined(
  bytes(MAX_PIECES / 8),
  (set) => set.length === 0 || set[set.length - 1] !== 0,
  "no zero byte at the end",
);
