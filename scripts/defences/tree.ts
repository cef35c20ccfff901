import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const OWN_SCOPE = "@tributary";

/**
 * A copy of the working tree, changes that are not committed included, in which nothing leads back to the sources it
 * was made of: the workspaces' links are its own, only installed packages are shared.
 */
export function copyTree(root: string): string {
  const tree = mkdtempSync(join(tmpdir(), "tributary-defences-"));
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  if (listed.status !== 0) throw new Error(`git ls-files: ${listed.stderr}`);
  for (const file of listed.stdout.split("\0").filter((name) => name !== "")) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(join(root, file), join(tree, file), { verbatimSymlinks: true });
  }
  const modules = join(tree, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(root, "node_modules")))
    // What tools keep there of one tree is wrong in the other.
    if (name !== OWN_SCOPE && !/^\.(vite|cache)/.test(name))
      symlinkSync(join(root, "node_modules", name), join(modules, name));
  cpSync(join(root, "node_modules", OWN_SCOPE), join(modules, OWN_SCOPE), {
    recursive: true,
    verbatimSymlinks: true,
  });
  return tree;
}
