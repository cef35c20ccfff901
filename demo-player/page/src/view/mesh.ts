import { createFlowMeter, dropCount, linkWidth } from "../logic/flow-meter.ts";
import {
  cdnCurve,
  layoutMesh,
  pathOf,
  peerCurve,
  type Curve,
  type MeshLayout,
  type Point,
} from "../logic/mesh-layout.ts";
import { formatRate } from "../logic/format.ts";
import type { TrackerProcessState } from "../../../src/status.ts";
import { createDrops } from "./drops.ts";
import { prefersReducedMotion, svg } from "./dom.ts";
import { createNode, createSource, type Node } from "./mesh-nodes.ts";

/** The picture of who sends to whom. */
export interface MeshView {
  setViewers(numbers: readonly number[]): void;
  /** Running totals of one viewer's engine: from the CDN, and from each other viewer it is linked to. */
  report(viewer: number, cdnBytes: number, peers: ReadonlyMap<number, number>, nowMs: number): void;
  /** Its engine starts over. */
  forget(viewer: number): void;
  setShare(viewer: number, peerShare: number | null): void;
  setTracker(state: TrackerProcessState, known: ReadonlySet<number>): void;
  describe(text: string): void;
}

const CDN = "cdn";
/** Share of the way to its place that a node moves per frame. */
const EASE = 0.16;

export function createMeshView(root: SVGSVGElement): MeshView {
  const layers = ["tracker", "cdn", "peers", "drops", "nodes"].map((name) =>
    svg("g", { class: `mesh-${name}` }),
  );
  const [trackerLayer, cdnLayer, peerLayer, dropLayer, nodeLayer] = layers as [
    SVGGElement,
    SVGGElement,
    SVGGElement,
    SVGGElement,
    SVGGElement,
  ];
  root.append(...layers);
  const cdn = createSource("CDN", "source-cdn");
  const tracker = createSource("Tracker", "source-tracker");
  nodeLayer.append(cdn.element, tracker.element);

  const meter = createFlowMeter();
  const nodes = new Map<number, Node & { at: Point | null }>();
  const paths = new Map<string, SVGPathElement>();
  const linked = new Map<number, ReadonlySet<number>>();
  let order: readonly number[] = [];
  let layout: MeshLayout = layoutMesh(0, 0, 0);
  let knownToTracker: ReadonlySet<number> = new Set();
  let frame = 0;
  /** Something changed that the links do not show yet. */
  let stale = true;

  const drops = createDrops(dropLayer, curveBetween);

  /** The curve from one end to the other, null once either is gone. */
  function curveBetween(from: string, to: string): Curve | null {
    const target = nodes.get(Number(to))?.at;
    if (!target) return null;
    if (from === CDN) return cdnCurve(layout, target);
    const source = nodes.get(Number(from))?.at;
    return source ? peerCurve(layout, source, target) : null;
  }

  function pathFor(layer: SVGGElement, key: string): SVGPathElement {
    const known = paths.get(key);
    if (known) return known;
    const path = svg("path", { class: "link" });
    paths.set(key, path);
    layer.append(path);
    return path;
  }

  function drawLinks(nowMs: number): void {
    const wanted = new Set<string>();
    const draw = (layer: SVGGElement, key: string, curve: Curve, rateBps: number) => {
      wanted.add(key);
      const path = pathFor(layer, key);
      path.setAttribute("d", pathOf(curve));
      path.style.strokeWidth = linkWidth(rateBps).toFixed(2);
      path.classList.toggle("idle", rateBps < 8_000);
    };
    let cdnRate = 0;
    for (const number of order) {
      const at = nodes.get(number)?.at;
      if (!at) continue;
      const rate = meter.rateBps(`${CDN}>${number}`, nowMs);
      cdnRate += rate;
      draw(cdnLayer, `cdn-${number}`, cdnCurve(layout, at), rate);
      if (knownToTracker.has(number)) drawTrackerLine(`tracker-${number}`, at, wanted);
      for (const other of order) {
        const there = nodes.get(other)?.at;
        if (other <= number || !there) continue;
        if (!linked.get(number)?.has(other) && !linked.get(other)?.has(number)) continue;
        const both = meter.rateBps(`${number}>${other}`, nowMs) + meter.rateBps(`${other}>${number}`, nowMs);
        draw(peerLayer, `peer-${number}-${other}`, peerCurve(layout, at, there), both);
      }
    }
    cdn.setNote(order.length > 0 ? formatRate(cdnRate) : "");
    for (const [key, path] of paths) {
      if (wanted.has(key)) continue;
      path.remove();
      paths.delete(key);
    }
  }

  function drawTrackerLine(key: string, at: Point, wanted: Set<string>): void {
    wanted.add(key);
    const from = { x: layout.tracker.x, y: layout.tracker.y + 16 };
    const to = { x: at.x, y: at.y - layout.nodeRadius };
    const leave = { x: from.x, y: from.y + 40 };
    pathFor(trackerLayer, key).setAttribute(
      "d",
      pathOf({ from, leave, arrive: { x: to.x, y: to.y - 60 }, to }),
    );
  }

  /** One step towards the places of the layout; false once everything stands still. */
  function settle(): boolean {
    let moving = false;
    order.forEach((number, index) => {
      const node = nodes.get(number);
      const goal = layout.viewers[index];
      if (!node || !goal) return;
      const at = node.at;
      const near = !at || Math.hypot(goal.x - at.x, goal.y - at.y) < 0.5 || prefersReducedMotion.matches;
      node.at = near ? goal : { x: at.x + (goal.x - at.x) * EASE, y: at.y + (goal.y - at.y) * EASE };
      moving ||= !near;
      node.place(node.at, layout.nodeRadius);
    });
    return moving;
  }

  function animate(nowMs: number): void {
    const moving = settle();
    if (moving || stale) drawLinks(nowMs);
    stale = false;
    frame = drops.step(nowMs) || moving ? requestAnimationFrame(animate) : 0;
  }

  function wake(): void {
    stale = true;
    if (frame === 0) frame = requestAnimationFrame(animate);
  }

  function arrange(): void {
    const { width, height } = root.getBoundingClientRect();
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    layout = layoutMesh(width, height, order.length);
    cdn.place(layout.cdn);
    tracker.place(layout.tracker);
    wake();
  }

  new ResizeObserver(arrange).observe(root);

  function move(from: string, to: number, totalBytes: number, nowMs: number): void {
    const moved = meter.report(`${from}>${to}`, totalBytes, nowMs);
    if (moved > 0 && !prefersReducedMotion.matches) drops.add(from, String(to), dropCount(moved), nowMs);
  }

  return {
    setViewers(numbers) {
      order = numbers;
      for (const [number, node] of nodes) {
        if (numbers.includes(number)) continue;
        node.element.remove();
        nodes.delete(number);
        linked.delete(number);
      }
      for (const number of numbers) {
        if (nodes.has(number)) continue;
        const node = { ...createNode(number), at: null };
        nodes.set(number, node);
        nodeLayer.append(node.element);
      }
      arrange();
    },
    report(viewer, cdnBytes, peers, nowMs) {
      move(CDN, viewer, cdnBytes, nowMs);
      for (const [peer, bytes] of peers) move(String(peer), viewer, bytes, nowMs);
      linked.set(viewer, new Set(peers.keys()));
      wake();
    },
    forget(viewer) {
      linked.delete(viewer);
      meter.forget(`${CDN}>${viewer}`);
      for (const other of order) {
        meter.forget(`${viewer}>${other}`);
        meter.forget(`${other}>${viewer}`);
      }
    },
    setShare: (viewer, share) => nodes.get(viewer)?.setShare(share),
    setTracker(state, known) {
      tracker.element.dataset["state"] = state;
      tracker.setNote(state === "running" ? "" : state === "down" ? "killed" : "starting");
      knownToTracker = state === "running" ? known : new Set();
      wake();
    },
    describe: (text) => root.setAttribute("aria-label", text),
  };
}
