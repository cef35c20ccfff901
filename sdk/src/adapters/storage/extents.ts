/** Sorted, disjoint byte ranges; few in number, since a segment comes in a handful of transfers. */
export interface Extents {
  add(start: number, end: number): void;
  remove(start: number, end: number): void;
  /** The parts of the range that are not covered, in order. */
  gapsIn(start: number, end: number): [start: number, end: number][];
}

export function createExtents(): Extents {
  let ranges: [start: number, end: number][] = [];
  return {
    add(start, end) {
      const kept = ranges.filter(([from, to]) => {
        if (to < start || from > end) return true;
        start = Math.min(start, from);
        end = Math.max(end, to);
        return false;
      });
      kept.push([start, end]);
      ranges = kept.sort((a, b) => a[0] - b[0]);
    },
    remove(start, end) {
      ranges = ranges.flatMap(([from, to]): [number, number][] => {
        if (to <= start || from >= end) return [[from, to]];
        const left: [number, number][] = from < start ? [[from, start]] : [];
        return to > end ? [...left, [end, to]] : left;
      });
    },
    gapsIn(start, end) {
      const gaps: [number, number][] = [];
      let at = start;
      for (const [from, to] of ranges) {
        if (to <= at) continue;
        if (from >= end) break;
        if (from > at) gaps.push([at, from]);
        at = to;
      }
      if (at < end) gaps.push([at, end]);
      return gaps;
    },
  };
}
