import type { RootsMode } from "./figures/offload.ts";

/** What a viewer plays with. */
export interface Kind {
  /** As written in tables. */
  readonly title: string;
  readonly hlsVersion: "1.7" | "1.6";
  /** Whose swarm its viewers join; null = none. */
  readonly swarm: "tributary" | "p2pml" | null;
  /** Plain hls.js to compare with, best first: the first one that ran in the same command is taken. */
  readonly baselines: readonly KindName[];
}

export const KIND_NAMES = ["plain", "plain-1.6", "p2pml", "p2pml-shipped", "tributary"] as const;
export type KindName = (typeof KIND_NAMES)[number];

export const KINDS: Readonly<Record<KindName, Kind>> = {
  plain: { title: "hls.js 1.7", hlsVersion: "1.7", swarm: null, baselines: [] },
  "plain-1.6": { title: "hls.js 1.6.16", hlsVersion: "1.6", swarm: null, baselines: [] },
  p2pml: {
    title: "P2P Media Loader 2.3.1, at its best",
    hlsVersion: "1.6",
    swarm: "p2pml",
    baselines: ["plain-1.6", "plain"],
  },
  "p2pml-shipped": {
    title: "P2P Media Loader 2.3.1, as shipped",
    hlsVersion: "1.6",
    swarm: "p2pml",
    baselines: ["plain-1.6", "plain"],
  },
  tributary: { title: "Tributary", hlsVersion: "1.7", swarm: "tributary", baselines: ["plain", "plain-1.6"] },
};

/** A kind as it is run: Tributary once for each source of roots, the others know none. */
export interface Variant {
  readonly kind: KindName;
  readonly roots: RootsMode | null;
}

/**
 * The variants of one repetition: those kinds that have so many runs. Each repetition begins with another one, so that
 * none is always the first.
 */
export function variantsOf(
  runsOf: ReadonlyMap<KindName, number>,
  modes: readonly RootsMode[],
  run: number,
): Variant[] {
  const kinds = [...runsOf].filter(([, runs]) => run <= runs).map(([kind]) => kind);
  const variants = kinds.flatMap((kind): Variant[] =>
    KINDS[kind].swarm === "tributary" ? modes.map((roots) => ({ kind, roots })) : [{ kind, roots: null }],
  );
  const shift = (run - 1) % Math.max(1, variants.length);
  return [...variants.slice(shift), ...variants.slice(0, shift)];
}

export function variantName({ kind, roots }: Variant): string {
  return roots === null ? kind : `${kind} (roots: ${roots})`;
}
