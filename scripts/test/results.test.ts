import { describe, expect, it } from "vitest";
import { closingLines, NO_TESTS, readPlaywright, readVitest, resultsOfStage, sumResults } from "./results.ts";

const unit = readVitest({
  numPassedTests: 10,
  numFailedTests: 1,
  testResults: [
    {
      name: "sim/a.test.ts",
      message: "",
      assertionResults: [
        { status: "passed", fullName: "one", failureMessages: [] },
        {
          status: "failed",
          fullName: "two",
          failureMessages: ["\u001B[31mAssertionError: 1 is not 2\u001B[39m\n at"],
        },
      ],
    },
  ],
});

const e2e = readPlaywright({
  stats: { expected: 5, unexpected: 1, flaky: 1 },
  suites: [
    {
      specs: [],
      suites: [
        {
          specs: [
            {
              title: "it plays",
              file: "b.test.ts",
              tests: [{ status: "unexpected", results: [{ error: { message: "\nError: no\n" } }] }],
            },
            { title: "it stops", file: "b.test.ts", tests: [{ status: "flaky", results: [] }] },
            { title: "it waits", file: "b.test.ts", tests: [{ status: "expected", results: [] }] },
          ],
        },
      ],
    },
  ],
});

describe("what npm test says at its end", () => {
  it("names the failures, then adds up the runners in one line", () => {
    expect(closingLines(sumResults([unit, e2e])).split("\n")).toEqual([
      "FAILED sim/a.test.ts › two: AssertionError: 1 is not 2",
      "FAILED b.test.ts › it plays: Error: no",
      "FAILED b.test.ts › it stops",
      "15 passed, 3 failed",
    ]);
  });

  it("does not call a flaky test passed", () => {
    const { passed, failed } = readPlaywright({
      stats: { expected: 1, unexpected: 0, flaky: 1 },
      suites: [],
    });
    expect([passed, failed]).toEqual([1, 1]);
  });

  it("shows a failure where a stage fails without a failed test", () => {
    const four = { ...NO_TESTS, passed: 4 };
    expect(resultsOfStage("types", 2, four)).toEqual({
      passed: 4,
      failed: 1,
      failures: ["types ended with 2"],
    });
    expect(resultsOfStage("unit", 1, { ...four, failed: 3 })).toMatchObject({ passed: 4, failed: 3 });
    expect(resultsOfStage("unit", 0, four)).toEqual(four);
  });

  it("names a test file that does not load", () => {
    const broken = readVitest({
      numPassedTests: 0,
      numFailedTests: 0,
      testResults: [{ name: "sim/a.test.ts", message: "SyntaxError: no", assertionResults: [] }],
    });
    expect(closingLines(resultsOfStage("unit", 1, broken))).toBe(
      "FAILED sim/a.test.ts › does not load: SyntaxError: no\n0 passed, 1 failed",
    );
  });
});
