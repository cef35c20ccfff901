import { withoutPassword } from "@tributary/protocol";
import type { SegmentInfo } from "../core/index.ts";

/** The hosts that media comes from: the verifier fetches from none that the session did not name. */
export interface Origins {
  note(segments: readonly SegmentInfo[]): void;
}

export function createOrigins(changed: (origins: string[]) => void): Origins {
  const origins = new Set<string>();
  return {
    note(segments) {
      const before = origins.size;
      for (const { source } of segments) {
        const origin = /^https?:\/\/[^/?#]+/i.exec(withoutPassword(source.url))?.[0];
        if (origin !== undefined) origins.add(origin);
      }
      if (origins.size !== before) changed([...origins]);
    },
  };
}
