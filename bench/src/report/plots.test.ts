import { describe, expect, it } from "vitest";
import { seededRandom } from "../figures/statistics.ts";
import { rowsOf } from "../rows.ts";
import { cell, plainCell } from "../testing/cells.ts";
import { offloadPlot } from "./offload-plot.ts";
import { startupPlot } from "./startup-plot.ts";
import { place, ticks } from "./svg.ts";

const scale = { from: 0, to: 50, fromPx: 100, toPx: 200 };

describe("axes", () => {
  it("place values between their ends", () => {
    expect(place(scale, 0)).toBe(100);
    expect(place(scale, 25)).toBe(150);
    expect(place({ ...scale, fromPx: 200, toPx: 100 }, 50)).toBe(100);
  });

  it("are divided at round numbers", () => {
    expect(ticks(0, 58, 6)).toEqual([0, 10, 20, 30, 40, 50]);
    expect(ticks(-0.2, 1, 5)).toEqual([0, 0.5, 1]);
    expect(ticks(0, 0.7, 5)).toEqual([0, 0.2, 0.4, 0.6]);
  });
});

describe("the plot of offload", () => {
  it("has a line for each run and a legend for each kind", () => {
    const cells = [cell(), cell({ run: 2 }), cell({ kind: "p2pml", roots: null }), plainCell()];
    const drawn = offloadPlot("live-4s", cells)!;
    expect(drawn.match(/<polyline/g)).toHaveLength(3);
    expect(drawn).toContain("tributary (roots: playlist)");
    expect(drawn).toContain("0.750, ceiling 0.800");
    expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("is not there where nobody shared", () => {
    expect(offloadPlot("live-4s", [plainCell()])).toBeNull();
    expect(offloadPlot("churn", [cell()])).toBeNull();
  });
});

describe("the plot of starts", () => {
  it("has a dot for each start", () => {
    const cells = [cell({ startupsMs: [200, null, 300] }), plainCell({ startupsMs: [100, 150] })];
    const drawn = startupPlot(rowsOf(cells, seededRandom(1)), cells)!;
    expect(drawn.match(/<circle/g)).toHaveLength(4);
    expect(drawn).toContain("250 ms, 2.00 x plain");
    expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("is not there where nothing started", () => {
    const cells = [cell({ startupsMs: [null] })];
    expect(startupPlot(rowsOf(cells, seededRandom(1)), cells)).toBeNull();
  });
});
