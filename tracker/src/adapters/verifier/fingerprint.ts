import { createHash } from "node:crypto";
import type { VerifierSource } from "../../core/index.ts";

/** The first four bytes of SHA-256 of the segment's path and byte range: what binds a URL to a segment id. */
export function fingerprintOf({ url, rangeStart, rangeLength }: VerifierSource): number {
  const { pathname } = new URL(url);
  const text = rangeLength > 0 ? `${pathname}@${rangeStart}+${rangeLength}` : pathname;
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}
