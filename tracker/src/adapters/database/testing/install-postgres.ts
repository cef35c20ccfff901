import { spawnSync } from "node:child_process";
import { findPostgres } from "./postgres-server.ts";

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Installs Debian's PostgreSQL where there is none and this process may. Before the tests, and once: several files need
 * it, and apt serves one process at a time.
 */
export default function installPostgres(): void {
  if (findPostgres() !== null) return;
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  console.log("No PostgreSQL found: installing Debian's package for the tests (this happens once).");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "postgresql"]])
    spawnSync("apt-get", args, {
      env,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: INSTALL_TIMEOUT_MS,
    });
}
