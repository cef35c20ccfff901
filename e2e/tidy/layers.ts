import { importGraph } from "./imports.ts";
import { isTestCode, type Check, type Violation } from "./source-file.ts";

/**
 * The import law: protocol <- sdk/core <- sdk/adapters <- sdk/driver <- sdk/index <- the programs, and
 * protocol <- tracker/core, tracker/ledger <- tracker/adapters <- tracker/main. Never sdk <-> tracker.
 * A layer is the first pattern that matches a path.
 */
const LAYERS: readonly (readonly [layer: string, pattern: RegExp])[] = [
  ["protocol", /^protocol\//],
  ["sdk/core", /^sdk\/src\/core\//],
  // What adapters, driver and public API share: the driver's interface, its idle twin, the version.
  ["sdk/contract", /^sdk\/src\/(driver-contract|idle-driver|version)(\.test)?\.ts$/],
  ["sdk/adapters", /^sdk\/src\/adapters\//],
  ["sdk/driver", /^sdk\/src\/driver(\.test\.ts|\.ts|\/)/],
  ["sdk/index", /^sdk\/src\//],
  ["sdk/build", /^sdk\//],
  ["tracker/core", /^tracker\/src\/core\//],
  ["tracker/ledger", /^tracker\/src\/ledger\//],
  ["tracker/adapters", /^tracker\/src\/adapters\//],
  ["tracker/build", /^tracker\/\w+-build\.ts$/],
  ["tracker/main", /^tracker\//],
  ["sim", /^sim\//],
  ["demo-player", /^demo-player\//],
  ["seeder", /^seeder\//],
  ["extension", /^extension\//],
  ["e2e", /^e2e\//],
  ["bench", /^bench\//],
  ["scripts", /^scripts\//],
];

/** What each layer may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  "sdk/core": ["protocol"],
  "sdk/contract": ["protocol", "sdk/core"],
  "sdk/adapters": ["protocol", "sdk/core", "sdk/contract"],
  "sdk/driver": ["protocol", "sdk/core", "sdk/contract", "sdk/adapters"],
  "sdk/index": ["protocol", "sdk/core", "sdk/contract", "sdk/adapters", "sdk/driver"],
  "sdk/build": [],
  "tracker/core": ["protocol"],
  "tracker/ledger": ["protocol"],
  "tracker/adapters": ["protocol", "tracker/core", "tracker/ledger"],
  "tracker/build": [],
  "tracker/main": ["protocol", "tracker/core", "tracker/ledger", "tracker/adapters"],
  sim: ["protocol", "sdk/core", "tracker/core", "tracker/ledger"],
  "demo-player": ["protocol", "sdk/index", "sdk/build", "tracker/build", "tracker/main"],
  seeder: ["protocol", "sdk/index", "sdk/core"],
  extension: ["protocol", "sdk/index"],
  e2e: ["protocol", "sdk/index", "sdk/build", "tracker/main", "demo-player", "scripts"],
  bench: ["protocol", "sdk/index", "sdk/build", "tracker/main", "demo-player", "e2e", "scripts"],
  scripts: ["sdk/build", "tracker/build", "demo-player"],
};

/** These compile without any platform, so nothing from outside may be imported. */
const PURE_LAYERS = new Set(["protocol", "sdk/core", "tracker/core"]);

export function layerOf(path: string): string | null {
  return LAYERS.find(([, pattern]) => pattern.test(path))?.[0] ?? null;
}

export const importLaw: Check = (files) => {
  const violations: Violation[] = [];
  for (const [path, targets] of importGraph(files)) {
    const layer = layerOf(path);
    if (layer === null) continue;
    for (const target of targets) {
      const reason =
        target.kind === "file"
          ? brokenLaw(path, layer, target.path)
          : target.kind === "missing"
            ? `imports "${target.specifier}", which is no file or export of this repo`
            : outsideInPureLayer(path, layer, target.specifier);
      if (reason !== null) violations.push({ path, reason });
    }
  }
  return violations;
};

function brokenLaw(path: string, layer: string, imported: string): string | null {
  const other = layerOf(imported);
  if (other === null) return null;
  if (isTestCode(imported)) {
    if (!isTestCode(path)) return `imports test code (${imported})`;
    if (packageOf(imported) === packageOf(path)) return null;
  }
  if (other !== layer)
    return (MAY_IMPORT[layer] ?? []).includes(other)
      ? null
      : `${layer} must not import ${other} (${imported})`;
  const [own, theirs] = [adapterOf(path), adapterOf(imported)];
  return own === theirs ? null : `adapters must not import each other (${imported})`;
}

function packageOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** "sdk/src/adapters/hls/loader.ts" -> "hls"; null outside adapters and for what all adapters share. */
function adapterOf(path: string): string | null {
  return /^(?:sdk|tracker)\/src\/adapters\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function outsideInPureLayer(path: string, layer: string, specifier: string): string | null {
  return PURE_LAYERS.has(layer) && !isTestCode(path) && path.includes("/src/")
    ? `${layer} must not depend on anything outside the repo ("${specifier}")`
    : null;
}
