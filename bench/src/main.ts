import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensureChromium } from "../../scripts/chromium.ts";
import { buildSdk } from "../../sdk/build.ts";
import { describeMachine } from "./machine.ts";
import { parseOptions, STARTS_MIN, USAGE, type BenchOptions } from "./options.ts";
import { toMarkdown, type Report } from "./report.ts";
import type { Row } from "./row.ts";
import { SCENES } from "./scenes/index.ts";
import { buildViewerPage } from "./stage/viewer-page.ts";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
const startedAt = new Date();

function say(line: string): void {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  console.log(`[${String(seconds).padStart(4)} s] ${line}`);
}

function readOptions(): BenchOptions {
  try {
    const seed = startedAt.getTime() % 1_000_000;
    return parseOptions(
      process.argv.slice(2),
      SCENES.map((scene) => scene.name),
      seed + 1,
    );
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

async function runAll(options: BenchOptions, onRow: (row: Row) => void): Promise<void> {
  say("building the SDK: what is measured is what ships");
  await buildSdk();
  const viewerPage = await buildViewerPage();
  const scenes = SCENES.filter((scene) => options.only?.includes(scene.name) ?? true);
  for (let run = 1; run <= options.repeat; run++) {
    for (const scene of scenes) {
      for (const roots of options.modes) {
        const title = `${scene.name} roots=${roots} run ${run}/${options.repeat}`;
        say(`${title}: begins`);
        const context = { roots, run, options, viewerPage, say: (line: string) => say(`${title}: ${line}`) };
        onRow(await scene.run(context));
      }
    }
  }
}

/** Written after every row: a bench that is stopped keeps what it has. */
function write(report: Report): void {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${report.smoke ? "smoke" : "bench"}-${startedAt.toISOString().slice(0, 19).replaceAll(":", "")}`;
  writeFileSync(`${RESULTS}${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${RESULTS}${name}.md`, toMarkdown(report));
}

function commit(): string {
  const git = (...args: string[]) => spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
  const dirty = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short", "HEAD") || "unknown"}${dirty ? " with changes" : ""}`;
}

const options = readOptions();
const rows: Row[] = [];
const report: Report = {
  date: startedAt.toISOString().slice(0, 10),
  commit: commit(),
  command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
  seed: options.seed,
  smoke: options.seconds !== null || options.starts < STARTS_MIN,
  machine: describeMachine(ensureChromium()),
  rows,
};
await runAll(options, (row) => {
  rows.push(row);
  write(report);
});
console.log(`\n${toMarkdown(report)}`);
