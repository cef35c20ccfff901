import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDemoPlayer } from "../demo-player/build.ts";
import { buildSdk } from "../sdk/build.ts";
import { buildTracker } from "../tracker/server-build.ts";
import { measureFolder, sizeTable } from "./build/sizes.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

console.log("Building the SDK");
await buildSdk(); // throws where the script tag's bundle is over its size budget
console.log("Building the demo page and the earnings page");
await buildDemoPlayer({ force: true });
console.log("Building the tracker");
await buildTracker();

console.log(
  `\n${sizeTable(["sdk/dist", "demo-player/dist", "tracker/dist"].flatMap((folder) => measureFolder(ROOT, folder)))}`,
);
