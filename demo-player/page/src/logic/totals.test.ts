import { describe, expect, it } from "vitest";
import { createTotals, offloadRatio } from "./totals.ts";

describe("totals", () => {
  it("keeps what a killed viewer used and starts its successor from zero", () => {
    const totals = createTotals();
    totals.update(1, { peerBytes: 10, cdnBytes: 5 });
    totals.update(2, { peerBytes: 1, cdnBytes: 1 });
    totals.depart(1);
    totals.depart(1);
    totals.update(1, { peerBytes: 2, cdnBytes: 0 });
    expect(totals.sum()).toEqual({ peerBytes: 13, cdnBytes: 6 });
  });

  it("measures offload against what the CDN sent, waste included, and never below zero", () => {
    expect(offloadRatio({ peerBytes: 0, cdnBytes: 0 }, 500)).toBeNull();
    expect(offloadRatio({ peerBytes: 75, cdnBytes: 25 }, 30)).toBeCloseTo(0.7);
    expect(offloadRatio({ peerBytes: 0, cdnBytes: 10 }, 40)).toBe(0);
  });
});
