import { spawnSync } from "node:child_process";

/** Runs a program of the system and waits for it. Throws with what it complained of. */
export function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) throw new Error(`${program}: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr.trim()}`);
}

/** For cleaning up, where some of it may be gone. */
export function tryRun(program: string, ...args: string[]): void {
  spawnSync(program, args, { stdio: "ignore" });
}
