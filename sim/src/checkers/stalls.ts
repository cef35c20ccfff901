import { createFindings, type Checker } from "./checker.ts";

/** Law 1: a viewer who would not stall on the CDN alone does not stall. `plain` says who stalls without us. */
export function createStalls(plain: ReadonlySet<number>): Checker {
  const law = "never worse than the CDN alone";
  const findings = createFindings(law);
  return {
    law,
    stalled(viewer, atMs) {
      if (!plain.has(viewer)) findings.add(`viewer ${viewer} stalled at ${Math.round(atMs)} ms`);
    },
    finish: () => findings.list(),
  };
}

/** Who stalls in a run; feeds the checker above from the twin without peers. */
export function createStallLog() {
  const viewers = new Set<number>();
  return { viewers, stalled: (viewer: number) => void viewers.add(viewer) };
}
