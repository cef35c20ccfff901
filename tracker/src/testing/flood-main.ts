import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startFlood, startHonestViewers, type AttackFigures, type Junk } from "./flood.ts";
import { readFlags } from "./read-flags.ts";

/**
 * Measures what a flood does to others: honest viewers in calm and during it, in turn, the tracker and the attacker each in a
 * process of its own. `npm run flood -- --seconds 10 --rate 10000 --viewers 100` prints JSON.
 */
const values = readFlags("flood", {
  seconds: { type: "string", default: "10" },
  rate: { type: "string", default: "10000" },
  viewers: { type: "string", default: "100" },
  sockets: { type: "string", default: "auto" },
  attack: { type: "string" },
  junk: { type: "string", default: "garbage" },
});
const [seconds, rate, viewerCount] = [Number(values.seconds), Number(values.rate), Number(values.viewers)];
if (![seconds, rate, viewerCount].every((n) => n > 0 && n < Infinity)) {
  process.stderr.write("flood: --seconds, --rate and --viewers take numbers above 0\n");
  process.exit(2);
}
const durationMs = seconds * 1000;
const pingIntervalMs = 100;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const run = (file: string, args: readonly string[]) =>
  spawn(process.execPath, ["--import", "tsx", file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
const firstLine = (child: ReturnType<typeof run>) =>
  new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));

async function attack(url: string): Promise<void> {
  const flood = startFlood(url, values.junk as Junk, rate);
  await wait(durationMs);
  process.stdout.write(`${JSON.stringify(flood.figures)}\n`);
  process.exit(0);
}

async function measure(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-flood-"));
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  // Behind a proxy addresses are what the clients say: honest viewers and the attacker come from different ones.
  const flags = ["--port", "0", "--data", dataDir, "--open", "--trust-proxy", "--sockets", values.sockets];
  const tracker = run(main, flags);
  const { url } = JSON.parse(await firstLine(tracker)) as { url: string };
  const viewers = await startHonestViewers(url, viewerCount, pingIntervalMs);
  const calm = async () => {
    await wait(1_000);
    viewers.take();
    await wait(durationMs);
    return viewers.take();
  };
  const phases: Record<string, object> = { "calm before": await calm() };
  for (const junk of ["garbage", "pings"] satisfies Junk[]) {
    const args = ["--attack", url, "--junk", junk, "--rate", String(rate), "--seconds", values.seconds];
    const attacker = run(fileURLToPath(import.meta.url), args);
    // The attacker's program takes a moment to load; what is measured then is no flood yet.
    await wait(1_500);
    viewers.take();
    const figures = JSON.parse(await firstLine(attacker)) as AttackFigures;
    phases[`a flood of ${junk}`] = { ...viewers.take(), attacker: figures };
    phases[`calm after ${junk}`] = await calm();
  }
  viewers.close();
  tracker.kill();
  rmSync(dataDir, { recursive: true, force: true });
  const machine = `${cpus().length} cores, Node ${process.version}`;
  process.stdout.write(`${JSON.stringify({ machine, rate, viewers: viewerCount, phases }, null, 2)}\n`);
}

await (values.attack === undefined ? measure() : attack(values.attack));
