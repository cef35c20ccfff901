import { uplinkBpsOf, uplinkClassOf } from "@tributary/protocol";
import type { Probe } from "../probe.ts";
import { round } from "./figures.ts";
import { reachable, type Node } from "./reachable.ts";

/** The viewers whose uplinks are announced as one class. */
export interface UplinkClassFigures {
  readonly fromMbps: number;
  readonly viewers: number;
  /** Their part of all uplinks. */
  readonly supplyShare: number;
  /** Media bytes sent over what the uplinks carry, once all viewers had arrived. */
  readonly used: number;
  /** Mean number of partners at the end. */
  readonly partners: number;
}

export interface UplinkFigures {
  /** Share of what is watched that the uplinks could carry over the connections there are at the end. */
  readonly reachable: number;
  /** Share of all uplinks that was in use once all viewers had arrived. */
  readonly used: number;
  readonly classes: readonly UplinkClassFigures[];
}

export interface UplinkMeasure extends Probe {
  /** `nodes` are the viewers present at the end, by index. */
  figures(nodes: ReadonlyMap<number, Node>, bitrateBps: number, overMs: number): UplinkFigures;
}

/** How much of the uplinks was used, by their size, and how much could have been. */
export function measureUplinks(viewers: number, isSettled: () => boolean): UplinkMeasure {
  const sentBytes = new Float64Array(viewers);
  return {
    uploaded(viewer, bytes) {
      if (isSettled()) sentBytes[viewer]! += bytes;
    },
    figures(nodes, bitrateBps, overMs) {
      const all = [...nodes];
      const sum = (of: typeof all, value: (node: Node, index: number) => number) =>
        of.reduce((total, [index, node]) => total + value(node, index), 0);
      const supplyBps = sum(all, ({ upBps }) => upBps);
      const sentBps = (_: Node, index: number) => (sentBytes[index]! * 8000) / overMs;
      const classes = new Map<number, typeof all>();
      for (const entry of all) {
        const uplinkClass = uplinkClassOf(entry[1].upBps);
        const of = classes.get(uplinkClass);
        if (of === undefined) classes.set(uplinkClass, [entry]);
        else of.push(entry);
      }
      return {
        reachable: round(reachable(nodes, bitrateBps)),
        used: round(sum(all, sentBps) / supplyBps),
        classes: [...classes]
          .sort(([a], [b]) => a - b)
          .map(([uplinkClass, of]) => ({
            fromMbps: uplinkBpsOf(uplinkClass) / 1e6,
            viewers: of.length,
            supplyShare: round(sum(of, ({ upBps }) => upBps) / supplyBps),
            used: round(sum(of, sentBps) / sum(of, ({ upBps }) => upBps)),
            partners: round(sum(of, ({ partners }) => partners.length) / of.length, 1),
          })),
      };
    },
  };
}
