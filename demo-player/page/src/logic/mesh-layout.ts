export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A cubic Bézier curve from `from` to `to`. */
export interface Curve {
  readonly from: Point;
  readonly leave: Point;
  readonly arrive: Point;
  readonly to: Point;
}

export interface MeshLayout {
  readonly cdn: Point;
  readonly tracker: Point;
  readonly viewers: readonly Point[];
  readonly nodeRadius: number;
  /** Room below the viewers for the links between them. */
  readonly arcDepth: number;
}

const SIDE_SPACE = 28;

/**
 * The CDN is the spring at the top, the viewers stand in a row: what comes from above comes from the CDN, what passes
 * below the row passes between viewers. The two never cross, which is what makes the picture readable at a glance.
 */
export function layoutMesh(width: number, height: number, viewerCount: number): MeshLayout {
  const usable = Math.max(0, width - 2 * SIDE_SPACE);
  const gap = viewerCount > 0 ? usable / viewerCount : 0;
  const nodeRadius = Math.max(11, Math.min(26, gap * 0.36, height * 0.09));
  const rowY = height * 0.52;
  const sourceY = Math.max(42, height * 0.12);
  const viewers = Array.from({ length: viewerCount }, (_, index) => ({
    x: SIDE_SPACE + gap * (index + 0.5),
    y: rowY,
  }));
  return {
    cdn: { x: width / 2, y: sourceY },
    tracker: { x: width - Math.max(58, width * 0.08), y: sourceY },
    viewers,
    nodeRadius,
    arcDepth: height - rowY - nodeRadius - 12,
  };
}

/** From the CDN's lower edge down into the viewer's upper edge. */
export function cdnCurve(layout: MeshLayout, viewer: Point): Curve {
  const from = { x: layout.cdn.x + (viewer.x - layout.cdn.x) * 0.06, y: layout.cdn.y + 18 };
  const to = { x: viewer.x, y: viewer.y - layout.nodeRadius - 3 };
  const middleY = (from.y + to.y) / 2;
  return { from, leave: { x: from.x, y: middleY + 10 }, arrive: { x: to.x, y: middleY - 10 }, to };
}

/** Between two viewers, hanging below the row: the farther apart, the deeper. */
export function peerCurve(layout: MeshLayout, a: Point, b: Point): Curve {
  const farthest = spanOf(layout.viewers);
  const share = farthest > 0 ? Math.abs(b.x - a.x) / farthest : 0;
  // A cubic whose handles hang straight down sinks to three quarters of their length.
  const depth = ((0.28 + 0.72 * Math.min(1, share)) * layout.arcDepth) / 0.75;
  const lean = Math.sign(b.x - a.x) * layout.nodeRadius * 0.35;
  const from = { x: a.x + lean, y: a.y + layout.nodeRadius * 0.94 };
  const to = { x: b.x - lean, y: b.y + layout.nodeRadius * 0.94 };
  const inward = (b.x - a.x) * 0.12;
  return {
    from,
    leave: { x: from.x + inward, y: from.y + depth },
    arrive: { x: to.x - inward, y: to.y + depth },
    to,
  };
}

function spanOf(viewers: readonly Point[]): number {
  const first = viewers[0];
  const last = viewers[viewers.length - 1];
  return first && last ? Math.abs(last.x - first.x) : 0;
}

export function pointAlong(curve: Curve, t: number): Point {
  const s = 1 - t;
  const a = s * s * s;
  const b = 3 * s * s * t;
  const c = 3 * s * t * t;
  const d = t * t * t;
  return {
    x: a * curve.from.x + b * curve.leave.x + c * curve.arrive.x + d * curve.to.x,
    y: a * curve.from.y + b * curve.leave.y + c * curve.arrive.y + d * curve.to.y,
  };
}

export function pathOf(curve: Curve): string {
  const at = (point: Point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
  return `M${at(curve.from)}C${at(curve.leave)} ${at(curve.arrive)} ${at(curve.to)}`;
}
