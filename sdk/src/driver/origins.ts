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
      // Thousands may be listed, again and again, and nearly all of them at the host of the one before.
      let last = "";
      for (const { source } of segments) {
        if (last !== "" && source.url.startsWith(last)) continue;
        const origin = /^https?:\/\/[^/?#]+/i.exec(withoutPassword(source.url))?.[0];
        if (origin === undefined) continue;
        origins.add(origin);
        last = `${origin}/`;
      }
      if (origins.size !== before) changed([...origins]);
    },
  };
}
