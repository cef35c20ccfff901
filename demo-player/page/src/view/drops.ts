import { pointAlong, type Curve } from "../logic/mesh-layout.ts";
import { svg } from "./dom.ts";

/** Bytes under way, as drops that run along the links. */
export interface Drops {
  add(from: string, to: string, count: number, nowMs: number): void;
  /** Moves every drop; false once none is left. */
  step(nowMs: number): boolean;
}

interface Drop {
  readonly element: SVGCircleElement;
  readonly from: string;
  readonly to: string;
  readonly startMs: number;
}

const JOURNEY_MS = 1_100;
const GAP_MS = 110;
/** Beyond this a busy mesh would cost more frames than it tells. */
const DROPS_MAX = 120;

export function createDrops(layer: SVGGElement, curveOf: (from: string, to: string) => Curve | null): Drops {
  let underway: Drop[] = [];
  const spare: SVGCircleElement[] = [];

  function release(drop: Drop): void {
    drop.element.remove();
    spare.push(drop.element);
  }

  return {
    add(from, to, count, nowMs) {
      for (let index = 0; index < count && underway.length < DROPS_MAX; index++) {
        const element = spare.pop() ?? svg("circle");
        element.setAttribute("class", from === "cdn" ? "drop drop-cdn" : "drop drop-peer");
        underway.push({ element, from, to, startMs: nowMs + index * GAP_MS });
      }
    },
    step(nowMs) {
      underway = underway.filter((drop) => {
        const t = (nowMs - drop.startMs) / JOURNEY_MS;
        if (t < 0) return true;
        const curve = t < 1 ? curveOf(drop.from, drop.to) : null;
        if (!curve) {
          release(drop);
          return false;
        }
        const at = pointAlong(curve, t);
        drop.element.setAttribute("cx", at.x.toFixed(1));
        drop.element.setAttribute("cy", at.y.toFixed(1));
        // Fades in and out at the ends, so that nothing pops.
        drop.element.setAttribute("opacity", Math.min(1, t * 8, (1 - t) * 8).toFixed(2));
        if (!drop.element.isConnected) layer.append(drop.element);
        return true;
      });
      return underway.length > 0;
    },
  };
}
