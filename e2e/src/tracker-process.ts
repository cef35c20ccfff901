import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TrackerStats } from "@tributary/tracker";
import { registerPublisher, type TestPublisher } from "./publisher.ts";

/** Preloaded: the child's standard input is held by the test runner, and ends with it however that dies. */
const TETHER =
  "data:text/javascript,import { isMainThread } from 'node:worker_threads';" +
  // Threads are preloaded too, and have a stdin of their own that ends at once.
  "if (isMainThread) process.stdin.on('end', () => process.exit(1)).resume()";
/** Takes the tracker as it was built where no source is newer, which is up in a fifth of the time. */
const MAIN = fileURLToPath(new URL("../../tracker/start.js", import.meta.url));

/** The tracker as operators run it: a process of its own, so that it can be killed. */
export interface TrackerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Null where the tracker is open. */
  readonly publisher: TestPublisher | null;
  /** What `/stats.json` says. */
  stats(): Promise<TrackerStats>;
  /** SIGKILL: nobody is told. */
  kill(): Promise<void>;
  /** SIGTERM, then wait. */
  stop(): Promise<void>;
}

export interface TrackerProcessOptions {
  readonly port?: number;
  /** More flags of `npm run tracker`. */
  readonly flags?: readonly string[];
  /** Admits only viewers of one registered publisher. Default: everybody. */
  readonly closed?: boolean;
}

export async function startTrackerProcess({
  port = 0,
  flags = [],
  closed = false,
}: TrackerProcessOptions = {}): Promise<TrackerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), "tracker-"));
  const publisher = closed ? await registerPublisher(dataDir, "acme") : null;
  const admission = closed ? ["--host", "127.0.0.1"] : ["--open"];
  const args = ["--import", TETHER, MAIN, "--port", String(port), "--data", dataDir, ...admission, ...flags];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
  const { port: boundPort } = JSON.parse(await firstLine(child)) as { port: number };

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
    rmSync(dataDir, { recursive: true, force: true });
  }
  return {
    url: `ws://127.0.0.1:${boundPort}`,
    port: boundPort,
    pid: child.pid ?? 0,
    publisher,
    stats: async () =>
      (await (await fetch(`http://127.0.0.1:${boundPort}/stats.json`)).json()) as TrackerStats,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let complaints = "";
  child.stderr?.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the tracker ended with exit code ${code}: ${complaints}`);
    }),
  ])) as [string];
  return line;
}
