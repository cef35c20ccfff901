import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureChromium } from "./chromium.ts";
import { closingLines, resultsOfStage, sumResults, type TestResults } from "./test/results.ts";
import { readResults, selectStages, type Stage } from "./test/stages.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

interface StageOutcome {
  readonly exitCode: number;
  readonly results: TestResults;
}

function runStage(stage: Stage): StageOutcome {
  const startMs = performance.now();
  console.log(`\n=== ${stage.name}: ${stage.commands.map((command) => command.join(" ")).join(" && ")}`);
  const exitCode = runCommands(stage);
  const results = resultsOfStage(stage.name, exitCode, readResults(stage, ROOT));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`=== ${stage.name}: ${exitCode === 0 ? "ok" : `FAILED (exit ${exitCode})`} in ${seconds} s`);
  return { exitCode, results };
}

function runCommands(stage: Stage): number {
  if (stage.report !== null) rmSync(join(ROOT, stage.report), { force: true });
  const env = { ...process.env, ...stage.env };
  env["PATH"] = join(ROOT, "node_modules", ".bin") + delimiter + (env["PATH"] ?? "");
  if (stage.needsChromium) {
    try {
      env["CHROMIUM_PATH"] = ensureChromium();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      return 1;
    }
  }
  for (const [program, ...args] of stage.commands) {
    const { status, error } = spawnSync(program ?? "", args, {
      cwd: ROOT,
      env,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    });
    if (error !== undefined) console.error(error.message);
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

function main(): number {
  let stages;
  try {
    stages = selectStages(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
  mkdirSync(join(ROOT, ".cache/test"), { recursive: true });
  const outcomes = stages.map(runStage);
  console.log(`\n${closingLines(sumResults(outcomes.map((outcome) => outcome.results)))}`);
  return outcomes.find((outcome) => outcome.exitCode !== 0)?.exitCode ?? 0;
}

process.exitCode = main();
