import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./tracker-child.ts", import.meta.url));

export interface WebTorrentTracker {
  readonly url: string;
  stop(): Promise<void>;
}

/** The reference WebTorrent tracker, which P2P Media Loader needs, beside Tributary's own in a process of its own. */
export async function startWebTorrentTracker(host: string): Promise<WebTorrentTracker> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, host], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killed = (): void => void child.kill("SIGKILL");
  process.once("exit", killed);
  const ended = once(child, "exit");
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(([code]) => Promise.reject(new Error(`the WebTorrent tracker ended with exit code ${code}`))),
  ])) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return {
    url: `ws://${host}:${port}`,
    async stop() {
      child.kill("SIGKILL");
      await ended;
      process.off("exit", killed);
    },
  };
}
