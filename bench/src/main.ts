import { spawnSync } from "node:child_process";
import type { MountHandler } from "@tributary/demo-player/origin";
import { ensureChromium } from "../../scripts/chromium.ts";
import { buildSdk } from "../../sdk/build.ts";
import type { Cell } from "./cell.ts";
import { variantsOf } from "./kinds.ts";
import { describeMachine } from "./machine.ts";
import { isSmoke, parseOptions, USAGE, type BenchOptions } from "./options.ts";
import { toMarkdown } from "./report/markdown.ts";
import { withRows, type Report, type SceneNote } from "./report/report.ts";
import { writeReport } from "./report/write.ts";
import { SCENES } from "./scenes/index.ts";
import type { Scene } from "./scenes/scene.ts";
import { buildViewerPages } from "./stage/viewer-page.ts";

const startedAt = new Date();
const stamp = startedAt.toISOString().slice(0, 19).replaceAll(":", "");
const minutesSoFar = () => (Date.now() - startedAt.getTime()) / 60_000;

function say(line: string): void {
  console.log(`[${minutesSoFar().toFixed(1).padStart(5)} min] ${line}`);
}

function readOptions(): BenchOptions {
  try {
    const names = SCENES.map((scene) => scene.name);
    return parseOptions(process.argv.slice(2), names, (startedAt.getTime() % 1_000_000) + 1);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function plannedMinutes(options: BenchOptions, scenes: readonly Scene[]): number {
  const runs = Array.from({ length: options.repeat }, (_, index) =>
    variantsOf(options.kinds, options.modes, index + 1),
  );
  const seconds = runs.flatMap((variants) =>
    scenes.map((scene) => scene.plannedSeconds({ variants, options })),
  );
  return seconds.reduce((sum, each) => sum + each, 0) / 60;
}

async function runAll(
  options: BenchOptions,
  scenes: readonly Scene[],
  viewerPages: MountHandler,
  onResult: Parameters<Scene["run"]>[1],
): Promise<void> {
  for (let run = 1; run <= options.repeat; run++) {
    for (const scene of scenes) {
      const title = `run ${run}/${options.repeat} ${scene.name}`;
      const context = {
        variants: variantsOf(options.kinds, options.modes, run),
        run,
        options,
        viewerPages,
        say: (line: string) => say(`${title}: ${line}`),
        failed(what: string, error: unknown) {
          const reason = error instanceof Error ? error.message : String(error);
          say(`${title}: ${what} FAILED: ${reason}`);
          failures.push(`${title}, ${what}: ${reason.split("\n")[0]}`);
        },
      };
      await scene.run(context, onResult).catch((error: unknown) => context.failed("all of it", error));
    }
  }
}

function commit(): string {
  const git = (...args: string[]) => spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
  const dirty = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short", "HEAD") || "unknown"}${dirty ? " with changes" : ""}`;
}

function notesOn(scenes: readonly Scene[]): SceneNote[] {
  return scenes.map((scene) => {
    const skipped = scene.obstacle();
    if (skipped !== null) say(`${scene.name}: SKIPPED, ${skipped}`);
    return { name: scene.name, title: scene.title, ceiling: scene.ceiling, skipped };
  });
}

const failures: string[] = [];
const options = readOptions();
const machine = describeMachine(ensureChromium());
const notes = notesOn(SCENES.filter(({ name }) => options.only?.includes(name) ?? true));
const scenes = SCENES.filter(({ name }) => notes.some((note) => note.name === name && note.skipped === null));
const cells: Cell[] = [];
const transport: Report["transport"][number][] = [];
const head = {
  date: startedAt.toISOString().slice(0, 10),
  commit: commit(),
  command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
  seed: options.seed,
  smoke: isSmoke(options),
  machine,
  scenes: notes,
};
const reportNow = () => withRows({ ...head, minutes: minutesSoFar(), cells, transport, failures });

say("building the SDK: what is measured is what ships");
await buildSdk();
const viewerPages = await buildViewerPages();
say(`begins; this takes about ${Math.ceil(plannedMinutes(options, scenes))} minutes`);
await runAll(options, scenes, viewerPages, (result) => {
  if ("timeline" in result) cells.push(result);
  else transport.push(result);
  // After every result: a bench that is stopped keeps what it has.
  writeReport(reportNow(), stamp);
});
console.log(`\n${toMarkdown(reportNow(), [])}`);
if (failures.length > 0) process.exitCode = 1;
