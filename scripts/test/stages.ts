import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NO_TESTS, readPlaywright, readVitest, type TestResults } from "./results.ts";

const REPORTS = ".cache/test";

/** One step of `npm test`. Each command is a node_modules/.bin name with its arguments. */
export interface Stage {
  readonly name: StageName;
  readonly commands: readonly (readonly string[])[];
  readonly env: Readonly<Record<string, string>>;
  readonly needsChromium: boolean;
  /** Where the runner leaves its JSON report, null for stages that are no test runner. */
  readonly report: string | null;
  readonly read: (reportText: string) => TestResults;
}

export const STAGE_NAMES = ["types", "lint", "unit", "build", "services", "e2e"] as const;
export type StageName = (typeof STAGE_NAMES)[number];

const E2E_REPORT = join(REPORTS, "e2e.json");

const PLAIN = { env: {}, needsChromium: false, report: null, read: () => NO_TESTS } as const;

export const STAGES: readonly Stage[] = [
  { ...PLAIN, name: "types", commands: [["tsc", "-b"]] },
  {
    ...PLAIN,
    name: "lint",
    commands: [
      ["eslint", "."],
      ["prettier", "--check", "."],
    ],
  },
  vitest("unit"),
  { ...PLAIN, name: "build", commands: [["tsx", "scripts/build.ts"]] },
  // After the build: what is killed and started again is the tracker as it was built.
  vitest("services"),
  {
    name: "e2e",
    commands: [["playwright", "test", "-c", "e2e/playwright.config.ts", "--reporter=list,json"]],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: E2E_REPORT },
    needsChromium: true,
    report: E2E_REPORT,
    read: (text) => readPlaywright(JSON.parse(text)),
  },
];

/** One of the projects in vitest.config.ts. */
function vitest(name: "unit" | "services"): Stage {
  const report = join(REPORTS, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return {
    ...PLAIN,
    name,
    commands: [["vitest", "run", "--project", name, ...reporters]],
    report,
    read: (text) => readVitest(JSON.parse(text)),
  };
}

/** What a stage's report says; nothing where the runner died before it wrote one. */
export function readResults(stage: Stage, root: string): TestResults {
  if (stage.report === null) return NO_TESTS;
  try {
    return stage.read(readFileSync(join(root, stage.report), "utf8"));
  } catch {
    return NO_TESTS;
  }
}

/** Which stages to run: all, or the one after `--only`. Throws on anything else. */
export function selectStages(args: readonly string[]): readonly Stage[] {
  if (args.length === 0) return STAGES;
  const name = args[0]?.startsWith("--only=") ? args[0].slice("--only=".length) : args[1];
  const known =
    args[0] === "--only" ? args.length === 2 : args[0]?.startsWith("--only=") && args.length === 1;
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (!known || stage === undefined)
    throw new TypeError(`usage: npm test [-- --only ${STAGE_NAMES.join("|")}], got "${args.join(" ")}"`);
  return [stage];
}
