import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const LICENCES_FILE = "THIRD-PARTY-LICENSES.txt";

/** The licence of every package that the bundled modules come from, as they ask for. Throws where one has none. */
export function writeLicences(dist: string, modulePaths: readonly string[]): void {
  const roots = new Set(modulePaths.flatMap((path) => packageOf(path) ?? []));
  const texts = [...roots].sort().map((root) => {
    const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without a licence file`);
    return `${name} ${version}\n\n${readFileSync(join(root, file), "utf8").trim()}\n`;
  });
  writeFileSync(join(dist, LICENCES_FILE), texts.join(`\n${"-".repeat(80)}\n\n`));
}

function packageOf(path: string): string | null {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}
