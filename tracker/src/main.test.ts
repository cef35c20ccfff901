import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectTracker } from "./testing/tracker-client.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

let dir = "";
const children: ChildProcess[] = [];

beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "tributary-cli-"))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(dir, { recursive: true });
});

function run(...args: string[]) {
  return runWith([], ...args);
}

function runWith(flags: readonly string[], ...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", ...flags, MAIN, "--data", dir, ...args]);
  children.push(child);
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += String(text)));
  const exited = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, stderr }));
  });
  const firstLine = new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));
  return { child, exited, firstLine };
}

it("prints its port first, serves, refuses its port to others, says goodbye on SIGTERM and ends with 0", async () => {
  const { child, exited, firstLine } = run("--port", "0", "--open");
  const { port, url } = JSON.parse(await firstLine) as { port: number; url: string };
  expect(url).toBe(`ws://127.0.0.1:${port}`);
  expect(readdirSync(dir)).toEqual(expect.arrayContaining(["tracker-key.pem", "tributary.sqlite"]));
  const client = await connectTracker(url);
  await client.enter("film");

  const second = await run("--port", String(port), "--open").exited;
  expect(second.code).toBe(1);
  expect(second.stderr.trimEnd()).toMatch(/^tracker: .*in use.*$/);

  child.kill("SIGTERM");
  expect(await client.next("error")).toMatchObject({ code: "shutting-down" });
  await client.closed;
  expect((await exited).code).toBe(0);
});

it("a data folder below /proc made the tracker hang without a word", async () => {
  const { code, stderr } = await run("--data", "/proc/nope", "--port", "0", "--open").exited;
  expect(code).toBe(1);
  // Where there is no /proc, none can be made either.
  expect(stderr.trimEnd()).toMatch(/^tracker: \/proc\S* cannot be (made|written).*$/);
});

it("ends with 2 and one line on a wrong flag", async () => {
  const { code, stderr } = await run("--frobnicate").exited;
  expect(code).toBe(2);
  expect(stderr.trimEnd()).toMatch(/^tracker: .*--frobnicate.*$/);
});

it("waited for ever for a ledger whose thread had ended before it was open", async () => {
  // Preloaded by every thread; the ledger's is told where its data lie.
  const preload = join(dir, "ends-the-ledger.cjs");
  writeFileSync(preload, 'if (require("node:worker_threads").workerData?.dataDir) process.exit(3);');
  const { code, stderr } = await runWith(["--require", preload], "--port", "0", "--open").exited;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tracker: the ledger has ended$/m);
});
