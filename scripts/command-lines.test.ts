import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

function run(name: string, ...args: readonly string[]) {
  const file = scripts[name]!.replace(/^(tsx|node) /, "");
  const node = ["--import", "tsx", file, ...args];
  return spawnSync(process.execPath, node, { cwd: ROOT, encoding: "utf8", timeout: 30_000 });
}

const MEASURING = ["hostile", "honest", "kills", "statements", "flood", "sybils"];
const OTHERS = ["start", "tracker", "publisher", "ledger", "sim", "bench", "defences", "test"];

test.each([...MEASURING, ...OTHERS])(
  "`npm run %s -- --nonsense` says what is wrong, without a stack",
  (name) => {
    const { status, stderr } = run(name, "--nonsense");
    expect(stderr).toContain("--nonsense");
    expect(stderr).not.toMatch(/^ +at /m);
    expect([1, 2]).toContain(status);
  },
);

test("`npm run flood -- --seconds abc` measured for no time at all and never ended", () => {
  const { status, stderr } = run("flood", "--seconds", "abc");
  expect(stderr).toBe("flood: --seconds, --rate and --viewers take numbers above 0\n");
  expect(status).toBe(2);
});

test.each(["--check", "--watch"])("`npm run roots -- nowhere %s` is one line", (flag) => {
  const { status, stderr } = run("roots", "nowhere", flag);
  expect(stderr).toBe("nowhere: no such folder\n");
  expect(status).toBe(1);
});

test.each([["tracker"], ["publisher", "list"]])(
  "`%s` with a file for its --data names it as one",
  (name, ...args) => {
    const { status, stderr } = run(name, ...args, "--data", "package.json");
    expect(stderr).toBe(`${name}: package.json is a file, not a folder\n`);
    expect(status).toBe(1);
  },
);
