import type { SegmentKey } from "@tributary/protocol";
import type { CoreConfig } from "../config.ts";
import { rootAskAgainMs, rootHopeMs, rootsPerAskMax } from "../limits.ts";
import type { SegmentInfo, TrustedRoot } from "../model.ts";

/** Owns the roots that may be relied on, and what was asked of the verifier. */
export interface Roots {
  /** The best trusted root of this segment, null while there is none. */
  of(segment: SegmentInfo): TrustedRoot | null;
  /** The same, or what the verifier says although nothing has shown yet that it speaks of this title. */
  told(segment: SegmentInfo): TrustedRoot | null;
  /** What the CDN brought to this viewer was compared with what was told of it. */
  compared(same: boolean): void;
  /** The verifier is known to speak of the bytes that the CDN brings here. */
  believed(): boolean;
  /** The verifier speaks of other bytes than the CDN brings here: two titles may share their paths. */
  disputed(): boolean;
  /** Whether a root can still be hoped for. */
  possible(segment: SegmentInfo, nowMs: number): boolean;
  /** The verifier's word. @returns whether it is news */
  verified(key: SegmentKey, root: TrustedRoot): boolean;
  /** The verifier's word is contradicted elsewhere: it counts no more, and is not asked for. @returns whether it was known */
  contradicted(key: SegmentKey): boolean;
  verifierAvailable(available: boolean): void;
  /** A tracker is being asked to join: it may have a verifier, and says so with its answer. */
  verifierAwaited(): void;
  /** Of these segments, those whose root should be asked for now. Remembers that they were. */
  toAsk(segments: Iterable<SegmentInfo>, nowMs: number): SegmentInfo[];
  /** Forgets all others. */
  keep(isWanted: (key: SegmentKey) => boolean): void;
}

/** One copy may be damaged; with the second one it is taken for the verifier that is wrong here. */
const disputesMax = 2;

export function createRoots(integrity: CoreConfig["integrity"]): Roots {
  const fromVerifier = new Map<SegmentKey, TrustedRoot>();
  const asked = new Map<SegmentKey, { firstMs: number; lastMs: number }>();
  /** Null while it is not known. */
  let verifier: boolean | null = false;

  /** Of this viewer's own copies from the CDN, how many more agree with the verifier than contradict it. */
  let agreement = 0;
  const believed = () => agreement > 0;
  const told = (segment: SegmentInfo): TrustedRoot | null => {
    if (integrity !== "verifier" && segment.root !== null) return segment.root;
    return integrity === "playlist" ? null : (fromVerifier.get(segment.key) ?? null);
  };
  const rootOf = (segment: SegmentInfo): TrustedRoot | null => {
    const root = told(segment);
    return believed() || root === segment.root ? root : null;
  };

  return {
    of: rootOf,
    told,
    compared: (same) => void (agreement += same ? 1 : -1),
    believed,
    disputed: () => agreement < 0,
    possible(segment, nowMs) {
      if (rootOf(segment) !== null) return true;
      if (integrity === "playlist" || verifier === false || agreement <= -disputesMax) return false;
      return told(segment) !== null || nowMs - (asked.get(segment.key)?.firstMs ?? nowMs) < rootHopeMs;
    },
    verified(key, root) {
      // Its signature was still being checked when it was contradicted.
      if (asked.get(key)?.lastMs === Infinity) return false;
      const isNews = fromVerifier.get(key)?.hash !== root.hash;
      fromVerifier.set(key, root);
      return isNews;
    },
    contradicted(key) {
      asked.set(key, { firstMs: -Infinity, lastMs: Infinity });
      return fromVerifier.delete(key);
    },
    verifierAvailable(available) {
      verifier = available;
      if (!available) asked.clear();
    },
    verifierAwaited: () => void (verifier ||= null),
    toAsk(segments, nowMs) {
      if (verifier !== true || integrity === "playlist" || agreement <= -disputesMax) return [];
      const asking: SegmentInfo[] = [];
      for (const segment of segments) {
        if (asking.length === rootsPerAskMax) break;
        if (told(segment) !== null) continue;
        const before = asked.get(segment.key);
        if (before !== undefined && nowMs - before.lastMs < rootAskAgainMs) continue;
        asked.set(segment.key, { firstMs: before?.firstMs ?? nowMs, lastMs: nowMs });
        asking.push(segment);
      }
      return asking;
    },
    keep(isWanted) {
      for (const table of [fromVerifier, asked])
        for (const key of table.keys()) if (!isWanted(key)) table.delete(key);
    },
  };
}
