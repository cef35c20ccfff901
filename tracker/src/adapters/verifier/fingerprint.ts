import { nameHash, resourceName, splitUrl } from "@tributary/protocol";
import type { VerifierSource } from "../../core/index.ts";

/** What binds a URL to a segment id, as viewers compute it. */
export function fingerprintOf({ url, rangeStart, rangeLength }: VerifierSource): number {
  const range = rangeLength > 0 ? { start: rangeStart, length: rangeLength } : null;
  return nameHash(resourceName(splitUrl(url).path, range));
}
