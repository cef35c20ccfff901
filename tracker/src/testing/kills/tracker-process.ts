import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../start.js", import.meta.url));
/** Preloaded: a tracker whose starter is gone goes too. */
const TETHER =
  "data:text/javascript,import { isMainThread } from 'node:worker_threads';" +
  // Threads are preloaded too, and have a stdin of their own that ends at once.
  "if (isMainThread) process.stdin.on('end', () => process.exit(1)).resume()";

/** What `npm run tracker` runs, in a process of its own. */
export interface TrackerProcess {
  readonly url: string;
  /** From the start of the process to the line that names its port. */
  readonly restartMs: number;
  /** The ledger's part of it: from opening the database until what a crash left is put right. */
  readonly recoveryMs: number;
  /** SIGKILL. Throws where it had ended by itself. */
  kill(): Promise<void>;
  /** SIGTERM; throws where it does not end well. */
  stop(): Promise<void>;
}

/** @throws Error with what it printed, where it does not start */
export async function startTrackerProcess(
  dataDir: string,
  flags: readonly string[],
): Promise<TrackerProcess> {
  const startMs = performance.now();
  const node = ["--import", TETHER, MAIN];
  const child = spawn(process.execPath, [...node, "--port", "0", "--data", dataDir, ...flags]);
  let printed = "";
  child.stderr.on("data", (text: Buffer) => (printed += String(text)));
  const exited = once(child, "exit");
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(() => Promise.reject(new Error(`the tracker did not start: ${printed}`))),
  ])) as [string];
  const restartMs = performance.now() - startMs;
  const { url } = JSON.parse(line) as { url: string };
  while (!printed.includes("\n")) await once(child.stderr, "data");
  const recoveryMs = Number(/ (\d+) ms of them to recover/.exec(printed)?.[1]);

  return {
    url,
    restartMs,
    recoveryMs,
    async kill() {
      child.kill("SIGKILL");
      await exited;
      if (child.signalCode !== "SIGKILL")
        throw new Error(`the tracker ended by itself with ${child.exitCode}: ${printed}`);
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
      if (child.exitCode !== 0) throw new Error(`the tracker ended with ${child.exitCode}: ${printed}`);
    },
  };
}
