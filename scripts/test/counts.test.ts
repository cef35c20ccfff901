import { describe, expect, it } from "vitest";
import { closingLine, countPlaywright, countStage, countVitest, sumCounts } from "./counts.ts";

describe("test counts", () => {
  it("adds up the runners in one line", () => {
    const unit = countVitest({ numPassedTests: 10, numFailedTests: 1 });
    const e2e = countPlaywright({ stats: { expected: 5, unexpected: 2, flaky: 0 } });
    expect(closingLine(sumCounts([unit, e2e]))).toBe("15 passed, 3 failed");
  });

  it("does not call a flaky test passed", () => {
    expect(countPlaywright({ stats: { expected: 1, unexpected: 0, flaky: 1 } })).toEqual({
      passed: 1,
      failed: 1,
    });
  });

  it("shows a failure where a stage fails without a failed test", () => {
    expect(countStage(2, { passed: 4, failed: 0 })).toEqual({ passed: 4, failed: 1 });
    expect(countStage(1, { passed: 4, failed: 3 })).toEqual({ passed: 4, failed: 3 });
    expect(countStage(0, { passed: 4, failed: 0 })).toEqual({ passed: 4, failed: 0 });
  });
});
