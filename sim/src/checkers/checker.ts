import type { Probe } from "../probe.ts";

/** A law that was broken: which, where and when, in words. */
export interface Violation {
  readonly law: string;
  readonly what: string;
}

/** Watches a run from outside and knows nothing of its scenario. */
export interface Checker extends Probe {
  readonly law: string;
  /** At the end: everything found, oldest first. */
  finish(atMs: number): readonly Violation[];
}

/** Enough to see the pattern of what is wrong. */
const keptMax = 20;

export interface Findings {
  add(what: string): void;
  list(): readonly Violation[];
}

export function createFindings(law: string): Findings {
  const found: Violation[] = [];
  let dropped = 0;
  return {
    add(what) {
      if (found.length < keptMax) found.push({ law, what });
      else dropped += 1;
    },
    list: () => (dropped === 0 ? found : [...found, { law, what: `and ${dropped} more` }]),
  };
}
