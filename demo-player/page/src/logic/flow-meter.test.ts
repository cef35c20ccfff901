import { describe, expect, it } from "vitest";
import { createFlowMeter, dropCount, linkWidth } from "./flow-meter.ts";

describe("flow meter", () => {
  it("shows a steady flow at its true rate", () => {
    const meter = createFlowMeter();
    for (let second = 0; second <= 40; second++) meter.report("a", second * 100_000, second * 1_000);
    const rate = meter.rateBps("a", 40_000);
    expect(rate).toBeGreaterThan(700_000);
    expect(rate).toBeLessThan(1_000_000);
  });

  it("lets an idle link fade away", () => {
    const meter = createFlowMeter();
    meter.report("a", 1_000_000, 0);
    expect(meter.rateBps("a", 60_000)).toBeLessThan(10);
    expect(meter.rateBps("unknown", 0)).toBe(0);
  });

  it("takes a total that fell as a new connection", () => {
    const meter = createFlowMeter();
    expect(meter.report("a", 500, 0)).toBe(500);
    expect(meter.report("a", 500, 10)).toBe(0);
    expect(meter.report("a", 40, 20)).toBe(40);
    meter.forget("a");
    expect(meter.report("a", 7, 30)).toBe(7);
  });

  it("turns bytes into few drops and rates into bounded widths", () => {
    expect([0, -5, 1, 50_000, 50_001, 10_000_000].map(dropCount)).toEqual([0, 0, 1, 1, 2, 6]);
    expect(linkWidth(0)).toBe(1);
    expect(linkWidth(1e12)).toBe(9);
  });
});
