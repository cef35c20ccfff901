import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureChromium } from "./chromium.ts";
import { DEFENCES } from "./defences/catalogue.ts";
import type { Defence } from "./defences/defence.ts";
import { applyPatches } from "./defences/patch.ts";
import { type FileResult, runTestFile } from "./defences/run-tests.ts";
import { copyTree } from "./defences/tree.ts";
import { verdictOf } from "./defences/verdict.ts";

/**
 * Switches off one defence after the other in a copy of the source, and shows that the test of its threat then fails.
 * Nothing in the product can do that: it is the source that changes.
 */
const USAGE =
  "usage: npm run defences [-- --threat T5] [--browser] [--only TEXT, a part of the test's title or of the rule]";
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

function selected(): readonly Defence[] {
  const { values } = parseArgs({
    options: {
      threat: { type: "string" },
      only: { type: "string", default: "" },
      browser: { type: "boolean", default: false },
    },
  });
  const found = DEFENCES.filter(
    ({ threat, runner, rule, test }) =>
      (values.threat === undefined || values.threat === threat) &&
      (test.includes(values.only) || rule.includes(values.only)) &&
      (values.browser || runner !== "playwright"),
  );
  if (found.length === 0) throw new TypeError(USAGE);
  return found;
}

function main(): number {
  const defences = selected();
  if (defences.some(({ runner }) => runner === "playwright")) process.env["CHROMIUM_PATH"] = ensureChromium();
  const tree = copyTree(ROOT);
  const withAll = new Map<string, FileResult>();
  let wrongCount = 0;
  console.log("| threat | defence switched off | its test | without it |\n| --- | --- | --- | --- |");
  try {
    for (const defence of defences) {
      const { threat, rule, patches, runner, testFile, test } = defence;
      // A browser's test is run by its title.
      const name = runner === "vitest" ? testFile : `${testFile} ${test}`;
      const on = withAll.get(name) ?? runTestFile(tree, defence);
      withAll.set(name, on);
      const restore = applyPatches(tree, patches);
      let off: FileResult;
      try {
        off = runTestFile(tree, defence);
      } finally {
        restore();
      }
      const { ok, text } = verdictOf(test, on, off);
      console.log(`| ${threat} | ${rule} | ${testFile}: ${test} | ${text} |`);
      if (ok) continue;
      wrongCount++;
      console.log(`\n${(on.failed.length > 0 ? on : off).output}\n`);
    }
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  const count = `${defences.length - wrongCount} of ${defences.length} defences are missed by their tests`;
  console.log(`\n${count} when they are off.`);
  return wrongCount === 0 ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
