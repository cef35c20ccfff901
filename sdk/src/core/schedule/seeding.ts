import type { SegmentKey } from "@tributary/protocol";
import { seedRestMaxMs, seedRestMinMs, seedsRememberedMax } from "../limits.ts";
import { createRecentIds } from "../peer/recent-ids.ts";

/**
 * Owns when this viewer asks the CDN for what its player has not asked for: once for each segment, whatever became of
 * it, because nobody but the player knows how often to try again; and after failures in a row not before a rest.
 */
export interface Seeding {
  /** False once this viewer has asked the CDN for the segment, for its player or ahead of it. */
  mayBegin(segment: SegmentKey): boolean;
  restUntilMs(): number;
  asked(segment: SegmentKey): void;
  failed(nowMs: number): void;
  succeeded(): void;
}

export function createSeeding(): Seeding {
  const asked = createRecentIds<SegmentKey>(seedsRememberedMax);
  let restMs = seedRestMinMs;
  let restUntilMs = 0;
  return {
    mayBegin: (segment) => !asked.has(segment),
    restUntilMs: () => restUntilMs,
    asked(segment) {
      if (!asked.has(segment)) asked.add(segment);
    },
    failed(nowMs) {
      restUntilMs = nowMs + restMs;
      restMs = Math.min(2 * restMs, seedRestMaxMs);
    },
    succeeded() {
      restMs = seedRestMinMs;
    },
  };
}
