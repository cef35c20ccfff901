import type { PopulationOptions } from "../network/population.ts";
import type { CdnOptions } from "../network/cdn.ts";
import type { Random } from "../random.ts";
import type { StreamOptions } from "../stream/stream.ts";

/** One viewer's visit, as its own will decides it. */
export interface Visit {
  readonly arriveMs: number;
  /** Infinity for "to the end". */
  readonly leaveMs: number;
  /** Gone without closing its links, as a crashed tab or a lost network is. */
  readonly abrupt: boolean;
  readonly seeks: readonly { readonly atMs: number; readonly toMs: number }[];
}

/** What a simulation is about. It knows nothing of the checks that run beside it. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly stream: StreamOptions;
  readonly population: PopulationOptions;
  readonly cdn: CdnOptions;
  /** Viewers that lie, each in one of the known ways. */
  readonly liarRatio: number;
  /** Media that an engine may store. */
  readonly storageMaxBytes: number;
  readonly runMs: number;
  /** From then on copies per segment count as settled: everybody has arrived and started. */
  readonly settledMs: number;
  visits(viewers: number, random: Random): Visit[];
}

export const goodCdn: CdnOptions = {
  firstByteMs: 25,
  requestBps: 60e6,
  errorRatio: 0,
  rangesWork: true,
  lateMs: 0,
};

export const bitrateBps = 2.5e6;

export const realPopulation: PopulationOptions = {
  supplyRatio: null,
  supplyBy: "scale",
  bitrateBps,
  hardNatRatio: 0.08,
  blockedNatRatio: 0.02,
};

/** Nothing but an arrival: the viewer stays and watches on. */
export function stay(arriveMs: number): Visit {
  return { arriveMs, leaveMs: Infinity, abrupt: false, seeks: [] };
}
