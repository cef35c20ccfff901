import { pieceCountOf } from "@tributary/protocol";
import type { Stream } from "../stream/stream.ts";
import { createFindings, type Checker } from "./checker.ts";

interface Count {
  loads: number;
  whole: number;
  ranges: number;
}

/**
 * No flood: a viewer asks the CDN for a segment as often as its player does, and once ahead of that. What peers leave
 * out is fetched in runs of pieces besides.
 */
export function createRequests(stream: Stream): Checker {
  const law = "no more requests than the player's";
  const findings = createFindings(law);
  const counts = new Map<number, Map<number, Count>>();

  function countOf(viewer: number, sequence: number): Count {
    let segments = counts.get(viewer);
    if (segments === undefined) counts.set(viewer, (segments = new Map()));
    let count = segments.get(sequence);
    if (count === undefined) segments.set(sequence, (count = { loads: 0, whole: 0, ranges: 0 }));
    return count;
  }

  return {
    law,
    wanted: (viewer, _, sequence) => void (countOf(viewer, sequence).loads += 1),
    cdnRequest(viewer, sequence, atMs, isRange) {
      if (viewer < 0) return;
      const count = countOf(viewer, sequence);
      if (isRange) count.ranges += 1;
      else count.whole += 1;
      const most = count.loads + 1;
      const mostRanges = most * pieceCountOf(stream.sizeOf(sequence));
      if (count.whole <= most && count.ranges <= mostRanges) return;
      const requests = `${count.whole} requests and ${count.ranges} for ranges`;
      findings.add(`viewer ${viewer}, segment ${sequence}: ${requests} at ${Math.round(atMs)} ms`);
    },
    left: (viewer) => void counts.delete(viewer),
    finish: () => findings.list(),
  };
}
