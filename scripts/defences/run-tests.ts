import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Defence } from "./defence.ts";

/** What came of a test file: its tests' titles, however the file as a whole ended. */
export interface FileResult {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** The last lines that the runner printed. */
  readonly output: string;
}

/** Shorter than the suite's: a wait for a refusal that does not come must not last. */
const TEST_TIMEOUT_MS = 12_000;

/** For a test that goes round and round without its defence: no timeout of the runner ends that. */
const RUN_TIMEOUT_MS = 5 * 60_000;

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly { readonly title: string; readonly ok: boolean }[];
}

/** What the runner is called with; it writes a report there. */
export function argumentsOf(
  { runner, testFile, test }: Pick<Defence, "runner" | "testFile" | "test">,
  report: string,
): readonly string[] {
  if (runner === "vitest")
    return ["run", testFile, "--reporter=json", `--outputFile=${report}`, `--testTimeout=${TEST_TIMEOUT_MS}`];
  // Without the projects that its own comes after: their tests are not chosen by file or title, and all would run first.
  const alone = ["--no-deps", "--grep", escaped(test)];
  return ["test", "-c", "e2e/playwright.config.ts", testFile, ...alone, "--reporter=json"];
}

/** Runs one file of tests in a tree; of browser tests only the one, for they take long. */
export function runTestFile(
  tree: string,
  { runner, testFile, test }: Pick<Defence, "runner" | "testFile" | "test">,
): FileResult {
  const report = join(tree, "report.json");
  rmSync(report, { force: true });
  const args = argumentsOf({ runner, testFile, test }, report);
  const run = (program: string, args: readonly string[]) =>
    spawnSync(join(tree, "node_modules/.bin", program), args, {
      cwd: tree,
      encoding: "utf8",
      env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
      maxBuffer: 64 * 2 ** 20,
      timeout: RUN_TIMEOUT_MS,
    });
  if (runner === "playwright") {
    // Pages take the SDK as it is built.
    const { status, stdout, stderr } = run("tsx", ["scripts/build.ts"]);
    if (status !== 0) return { passed: [], failed: [], output: `${stdout}\n${stderr}` };
  }
  const { stdout, stderr } = run(runner, args);
  const output = `${stdout}\n${stderr}`.trim().split("\n").slice(-12).join("\n");
  const tests = readReport(report, runner);
  const titles = (ok: boolean) => tests.filter((one) => one.ok === ok).map(({ title }) => title);
  return { passed: titles(true), failed: titles(false), output };
}

function readReport(path: string, runner: Defence["runner"]): readonly { title: string; ok: boolean }[] {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // The runner did not come so far: no test passed, and none failed.
    return [];
  }
  if (runner === "playwright") return specsOf(report as PlaywrightSuite);
  return (report as VitestReport).testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "passed" || status === "failed")
      .map(({ status, fullName }) => ({ title: fullName, ok: status === "passed" })),
  );
}

function specsOf({ suites = [], specs = [] }: PlaywrightSuite): readonly { title: string; ok: boolean }[] {
  return [...specs.map(({ title, ok }) => ({ title, ok })), ...suites.flatMap(specsOf)];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
