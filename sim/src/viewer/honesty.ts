/** Bytes stand for themselves by one flag: the simulator moves no media. */
const trueBytes = new Uint8Array([0]);
const untrueBytes = new Uint8Array([1]);

export type Honesty =
  | "honest"
  /** Sends bytes that do not match the list. */
  | "taints-pieces"
  /** Sends a list that does not match the root. */
  | "forges-lists"
  /** Accepts every request and sends nothing. */
  | "mute";

export const lies: readonly Honesty[] = ["taints-pieces", "forges-lists", "mute"];

export function pieceBytesOf(honesty: Honesty): Uint8Array {
  return honesty === "taints-pieces" ? untrueBytes : trueBytes;
}

export function listBytesOf(honesty: Honesty): Uint8Array {
  return honesty === "forges-lists" ? untrueBytes : trueBytes;
}

export function isUntrue(bytes: Uint8Array): boolean {
  return bytes[0] === 1;
}
