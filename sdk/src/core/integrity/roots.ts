import type { SegmentKey } from "@tributary/protocol";
import type { CoreConfig } from "../config.ts";
import { rootAskAgainMs, rootsPerAskMax } from "../limits.ts";
import type { SegmentInfo, TrustedRoot } from "../model.ts";

/** Owns the roots that may be relied on, and what was asked of the verifier. */
export interface Roots {
  /** The best trusted root of this segment, null while there is none. */
  of(segment: SegmentInfo): TrustedRoot | null;
  /** Whether a root can still be hoped for. */
  possible(segment: SegmentInfo): boolean;
  verified(key: SegmentKey, root: TrustedRoot): void;
  verifierAvailable(available: boolean): void;
  /** A tracker is being asked to join: it may have a verifier, and says so with its answer. */
  verifierAwaited(): void;
  /** Of these segments, those whose root should be asked for now. Remembers that they were. */
  toAsk(segments: Iterable<SegmentInfo>, nowMs: number): SegmentInfo[];
  forget(key: SegmentKey): void;
}

export function createRoots(integrity: CoreConfig["integrity"]): Roots {
  const fromVerifier = new Map<SegmentKey, TrustedRoot>();
  const askedAtMs = new Map<SegmentKey, number>();
  /** Null while it is not known. */
  let verifier: boolean | null = false;

  const rootOf = (segment: SegmentInfo): TrustedRoot | null => {
    if (integrity !== "verifier" && segment.root !== null) return segment.root;
    return integrity === "playlist" ? null : (fromVerifier.get(segment.key) ?? null);
  };

  return {
    of: rootOf,
    possible: (segment) => rootOf(segment) !== null || (integrity !== "playlist" && verifier !== false),
    verified: (key, root) => void fromVerifier.set(key, root),
    verifierAvailable(available) {
      verifier = available;
      if (!available) askedAtMs.clear();
    },
    verifierAwaited: () => void (verifier ||= null),
    toAsk(segments, nowMs) {
      if (verifier !== true || integrity === "playlist") return [];
      const asking: SegmentInfo[] = [];
      for (const segment of segments) {
        if (asking.length === rootsPerAskMax) break;
        if (rootOf(segment) !== null) continue;
        const asked = askedAtMs.get(segment.key);
        if (asked !== undefined && nowMs - asked < rootAskAgainMs) continue;
        askedAtMs.set(segment.key, nowMs);
        asking.push(segment);
      }
      return asking;
    },
    forget(key) {
      fromVerifier.delete(key);
      askedAtMs.delete(key);
    },
  };
}
