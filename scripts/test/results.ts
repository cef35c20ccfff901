/** What one runner found: how many tests passed and failed, and a line of at most 300 characters for each failure. */
export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

export const NO_TESTS: TestResults = { passed: 0, failed: 0, failures: [] };

/** The part of vitest's JSON report that is read. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  /** Why the file did not load, empty where it did. */
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[] | null;
  }[];
}

/** The part of Playwright's JSON report that is read. */
export interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
  readonly suites: readonly PlaywrightSuite[];
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs: readonly {
    readonly title: string;
    readonly file: string;
    readonly tests: readonly {
      readonly status: string;
      readonly results: readonly { readonly error?: { readonly message?: string } }[];
    }[];
  }[];
}

export function readVitest(report: VitestReport): TestResults {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    failures: report.testResults.flatMap((file) => [
      ...(file.message === "" ? [] : [failureLine(file.name, "does not load", file.message)]),
      ...file.assertionResults
        .filter((test) => test.status === "failed")
        .map((test) => failureLine(file.name, test.fullName, test.failureMessages?.[0])),
    ]),
  };
}

/** A test that needed a second try did not pass. */
export function readPlaywright(report: PlaywrightReport): TestResults {
  return {
    passed: report.stats.expected,
    failed: report.stats.unexpected + report.stats.flaky,
    failures: report.suites.flatMap(failuresOfSuite),
  };
}

function failuresOfSuite(suite: PlaywrightSuite): string[] {
  const own = suite.specs.flatMap((spec) =>
    spec.tests
      .filter((test) => test.status === "unexpected" || test.status === "flaky")
      .map((test) => {
        const message = test.results.find((result) => result.error !== undefined)?.error?.message;
        return failureLine(spec.file, spec.title, message);
      }),
  );
  return [...own, ...(suite.suites ?? []).flatMap(failuresOfSuite)];
}

// eslint-disable-next-line no-control-regex -- the runners colour their messages
const COLOURS = /\u001B\[[\d;]*m/g;
const MAX_LINE = 300;

function failureLine(file: string, test: string, message = ""): string {
  const why = message
    .replace(COLOURS, "")
    .split("\n")
    .find((line) => line.trim() !== "");
  return `${file} › ${test}${why === undefined ? "" : `: ${why.trim()}`}`.slice(0, MAX_LINE);
}

/**
 * A stage that fails without a failed test (types, lint, a file that does not load, a runner that crashed) counts as
 * one failure, so that the closing line never says "0 failed" after a red run.
 */
export function resultsOfStage(name: string, exitCode: number, results: TestResults): TestResults {
  if (exitCode === 0 || results.failed > 0) return results;
  const failures = results.failures.length > 0 ? results.failures : [`${name} ended with ${exitCode}`];
  return { ...results, failed: 1, failures };
}

export function sumResults(all: readonly TestResults[]): TestResults {
  return all.reduce(
    (sum, results) => ({
      passed: sum.passed + results.passed,
      failed: sum.failed + results.failed,
      failures: [...sum.failures, ...results.failures],
    }),
    NO_TESTS,
  );
}

/** Every failure by name, for whoever sees only the end of the output, and then the line that CI readers look for. */
export function closingLines(results: TestResults): string {
  const counts = `${results.passed} passed, ${results.failed} failed`;
  return [...results.failures.map((failure) => `FAILED ${failure}`), counts].join("\n");
}
