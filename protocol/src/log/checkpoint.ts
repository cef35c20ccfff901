import { decodeBase64, encodeBase64 } from "../base64.ts";
import type { Decoded } from "../codec/decode.ts";
import { HASH_BYTES } from "./hashing.ts";

/** A tree's head as c2sp.org/tlog-checkpoint writes it; a signed note carries it. */
export interface Checkpoint {
  /** Names the log, such as "tracker.example.com/log". */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** The text of a checkpoint's note. Lines after the third are allowed and ignored. */
export function parseCheckpoint(text: string): Decoded<Checkpoint> {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3 || lines.includes(""))
    return { ok: false, reason: "malformed checkpoint" };
  const [origin = "", digits = "", encoded = ""] = lines;
  const root = decodeBase64(encoded);
  const size = Number(digits);
  if (!/^(0|[1-9]\d*)$/.test(digits) || !Number.isSafeInteger(size))
    return { ok: false, reason: "malformed tree size" };
  if (root?.length !== HASH_BYTES) return { ok: false, reason: "malformed root hash" };
  return { ok: true, value: { origin, size, root } };
}
