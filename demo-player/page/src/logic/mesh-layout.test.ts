import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cdnCurve, layoutMesh, pathOf, peerCurve, pointAlong } from "./mesh-layout.ts";

const sizes = fc.record({
  width: fc.integer({ min: 300, max: 1600 }),
  height: fc.integer({ min: 240, max: 600 }),
  viewers: fc.integer({ min: 1, max: 8 }),
});
const steps = Array.from({ length: 21 }, (_, index) => index / 20);

describe("mesh layout", () => {
  it("keeps every node and every link inside the picture", () => {
    fc.assert(
      fc.property(sizes, ({ width, height, viewers }) => {
        const layout = layoutMesh(width, height, viewers);
        const curves = layout.viewers.flatMap((a, index) => [
          cdnCurve(layout, a),
          ...layout.viewers.slice(index + 1).map((b) => peerCurve(layout, a, b)),
        ]);
        for (const point of curves.flatMap((curve) => steps.map((t) => pointAlong(curve, t)))) {
          expect(point.x).toBeGreaterThanOrEqual(0);
          expect(point.x).toBeLessThanOrEqual(width);
          expect(point.y).toBeGreaterThanOrEqual(0);
          expect(point.y).toBeLessThanOrEqual(height);
        }
      }),
      { seed: 20_260 },
    );
  });

  it("never lets two viewers touch, and keeps peers' links below the row and the CDN's above it", () => {
    fc.assert(
      fc.property(sizes, ({ width, height, viewers }) => {
        const layout = layoutMesh(width, height, viewers);
        layout.viewers.forEach((point, index) => {
          const next = layout.viewers[index + 1];
          if (next) expect(next.x - point.x).toBeGreaterThan(2 * layout.nodeRadius);
          for (const t of steps) {
            expect(pointAlong(cdnCurve(layout, point), t).y).toBeLessThan(point.y);
            if (next) expect(pointAlong(peerCurve(layout, point, next), t).y).toBeGreaterThan(point.y);
          }
        });
      }),
      { seed: 20_261 },
    );
  });

  it("starts and ends a curve at its ends and writes it as a path", () => {
    const layout = layoutMesh(800, 300, 2);
    const [a, b] = layout.viewers;
    const curve = peerCurve(layout, a!, b!);
    expect(pointAlong(curve, 0)).toEqual(curve.from);
    expect(pointAlong(curve, 1)).toEqual(curve.to);
    expect(pathOf(curve)).toMatch(/^M[\d.]+ [\d.]+C([\d.]+ ){5}[\d.]+$/);
  });

  it("has a layout for an empty room", () => {
    expect(layoutMesh(400, 300, 0).viewers).toEqual([]);
  });
});
