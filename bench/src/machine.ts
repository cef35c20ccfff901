import { spawnSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";

/** Where the figures come from: they mean little without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly browser: string;
  /** Mean number of runnable processes over the minute before: near 0 where nothing else was going on. */
  readonly loadBefore: number;
}

export function describeMachine(chromiumPath: string): Machine {
  const { stdout } = spawnSync(chromiumPath, ["--version"], { encoding: "utf8" });
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    browser: stdout.trim(),
    loadBefore: loadavg()[0] ?? 0,
  };
}
