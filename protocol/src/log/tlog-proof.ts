import { decodeBase64, encodeBase64 } from "../base64.ts";
import type { Decoded } from "../codec/decode.ts";
import { HASH_BYTES } from "./hashing.ts";

/** An entry's inclusion, checkable offline (c2sp.org/tlog-proof@v1). */
export interface TlogProof {
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly path: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}

const HEADER = "c2sp.org/tlog-proof@v1";

export function formatTlogProof({ index, path, checkpoint }: TlogProof): string {
  return [HEADER, `index ${index}`, ...path.map(encodeBase64), "", checkpoint].join("\n");
}

export function parseTlogProof(text: string): Decoded<TlogProof> {
  const split = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(0, split)).split("\n");
  if (lines.shift() !== HEADER) return { ok: false, reason: `expected ${HEADER}` };
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const [, digits] = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? "") ?? [];
  const index = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(index)) return { ok: false, reason: "malformed index" };
  const path = lines.map(decodeBase64);
  if (!path.every((hash) => hash?.length === HASH_BYTES)) return { ok: false, reason: "malformed hash" };
  return { ok: true, value: { index, path: path as Uint8Array[], checkpoint: text.slice(split + 2) } };
}
