import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Installs a package where this is Debian and the process may. Says what it runs; false where it could not. */
export function installDebianPackage(name: string): boolean {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync("/etc/debian_version")) return false;
  for (const step of [["update"], ["install", "-y", "--no-install-recommends", name]]) {
    console.log(`$ apt-get ${step.join(" ")}`);
    const { status } = spawnSync("apt-get", step, {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0) return false;
  }
  return true;
}
