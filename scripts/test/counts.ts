/** How many tests of one runner passed and failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

export const NO_TESTS: TestCounts = { passed: 0, failed: 0 };

/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** The part of Playwright's JSON report that is counted. */
export interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
}

export function countVitest(report: VitestReport): TestCounts {
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}

/** A test that needed a second try did not pass. */
export function countPlaywright(report: PlaywrightReport): TestCounts {
  return { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky };
}

/**
 * A stage that fails without a failed test (types, lint, a file that does not load, a runner that crashed) counts as
 * one failure, so that the closing line never says "0 failed" after a red run.
 */
export function countStage(exitCode: number, counts: TestCounts): TestCounts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

export function sumCounts(all: readonly TestCounts[]): TestCounts {
  return all.reduce(
    (sum, counts) => ({ passed: sum.passed + counts.passed, failed: sum.failed + counts.failed }),
    NO_TESTS,
  );
}

/** The line CI readers look for. */
export function closingLine(counts: TestCounts): string {
  return `${counts.passed} passed, ${counts.failed} failed`;
}
