import type { RootsMode } from "./figures/offload.ts";
import type { RatioEstimate } from "./figures/statistics.ts";

/** One run of a scene in which viewers watch together. */
export interface SwarmRow {
  readonly kind: "swarm";
  readonly scene: string;
  readonly roots: RootsMode;
  readonly run: number;
  readonly viewers: number;
  readonly measuredSeconds: number;
  /** Counted at the origin: verifier, hedges and aborted transfers included. */
  readonly offloadRatio: number;
  readonly ceilingRatio: number;
  /** What the SDKs say of themselves, over all viewers. */
  readonly claimedRatio: number;
  readonly originMediaBytes: number;
  readonly neededBytes: number;
  readonly stalls: number;
  readonly fatalErrors: number;
  readonly startupMedianMs: number;
  readonly startupMaxMs: number;
  /** Medians over the viewers; null in VOD. */
  readonly latencySeconds: { readonly tributary: number; readonly plain: number } | null;
  /** The browser's whole process tree from the first join to the end, per viewer; null without /proc. */
  readonly cpuSecondsPerViewer: number | null;
}

/** Plain hls.js and Tributary started in turn beside a running swarm. */
export interface StartupRow {
  readonly kind: "startup";
  readonly scene: string;
  readonly roots: RootsMode;
  readonly run: number;
  /** Of each kind. */
  readonly starts: number;
  readonly plainMedianMs: number;
  readonly tributaryMedianMs: number;
  /** Tributary / plain. */
  readonly ratio: RatioEstimate;
  /** Tributary starts whose viewer went on to get bytes from peers. */
  readonly startsWithPeers: number;
  readonly stalls: number;
  readonly fatalErrors: number;
}

export type Row = SwarmRow | StartupRow;
