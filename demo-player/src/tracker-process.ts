import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DEMO_TERMS } from "./payment-terms.ts";
import type { TrackerStatus } from "./status.ts";

/** The tracker's process: killed without mercy and started again on the same port, with the same key. */
export interface TrackerProcess {
  status(): TrackerStatus;
  /** Where people can read what it knows. */
  readonly statsUrl: string;
  /** Does nothing where it runs. Rejects where it cannot start. */
  start(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Lets it say goodbye; resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Longer than the tracker takes to tell its clients. */
const STOP_TIMEOUT_MS = 4_000;
const CHILD = fileURLToPath(new URL("./tracker-child.ts", import.meta.url));
/** The child is TypeScript too. */
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

type State =
  | { readonly kind: "down" }
  | { readonly kind: "starting"; readonly child: ChildProcess; readonly ready: Promise<void> }
  | { readonly kind: "running"; readonly child: ChildProcess };

export async function startTrackerProcess(terms = DEMO_TERMS): Promise<TrackerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-demo-"));
  const port = await freePort();
  let state: State = { kind: "down" };

  function start(): Promise<void> {
    if (state.kind === "running") return Promise.resolve();
    if (state.kind === "starting") return state.ready;
    const child = fork(CHILD, [String(port), dataDir, JSON.stringify(terms)], {
      execArgv: ["--import", LOADER],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.once("message", () => {
        state = { kind: "running", child };
        resolve();
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        if (state.kind !== "down" && state.child === child) state = { kind: "down" };
        reject(new Error(`the tracker ended while starting (${signal ?? `exit code ${code}`})`));
      });
    });
    state = { kind: "starting", child, ready };
    return ready;
  }

  async function end(how: (child: ChildProcess) => void): Promise<void> {
    if (state.kind === "down") return;
    const { child } = state;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    how(child);
    await gone;
  }

  const kill = () => end((child) => void child.kill("SIGKILL"));
  const onExit = () => {
    if (state.kind !== "down") state.child.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  };
  process.once("exit", onExit);
  await start();

  return {
    status: () => ({ state: state.kind, url: `ws://127.0.0.1:${port}` }),
    statsUrl: `http://127.0.0.1:${port}/stats.json`,
    start,
    kill,
    async stop() {
      const timer = setTimeout(() => void kill(), STOP_TIMEOUT_MS);
      await end((child) => child.disconnect());
      clearTimeout(timer);
      process.off("exit", onExit);
      onExit();
    },
  };
}

/**
 * Chosen here rather than by the tracker: a port that a killed process had taken with 0 stays closed to its successor
 * for a minute, because its connections linger.
 */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
