import { nameHash, resourceName, splitUrl } from "@tributary/protocol";
import type { VerifierSource } from "../../core/index.ts";

/** The part of a segment id that comes from its URL, as viewers compute it. It binds nothing: `nameDigestOf` does. */
export function fingerprintOf({ url, rangeStart, rangeLength }: VerifierSource): number {
  const range = rangeLength > 0 ? { start: rangeStart, length: rangeLength } : null;
  return nameHash(resourceName(splitUrl(url).path, range));
}
