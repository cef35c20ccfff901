import { mkdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { writeDeclarations } from "./declarations.ts";
import { writeLicences } from "./licences.ts";
import { buildScripts } from "./minify/build-scripts.ts";
import { libraryConfig } from "./vite.config.ts";

const DIST = fileURLToPath(new URL("dist/", import.meta.url));

/** The script tag costs every visitor of a page its download: P2P Media Loader takes 45.2 KB. */
const SCRIPT_GZIP_BYTES_GOAL = 42 * 1024;
const SCRIPT_GZIP_BYTES_MAX = 45 * 1024;

export interface BuiltFile {
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Fills sdk/dist. Throws where the script is over its budget. */
export async function buildSdk(): Promise<BuiltFile[]> {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  await build(libraryConfig("module"));
  writeLicences(DIST, await buildScripts(DIST));
  writeDeclarations(DIST);
  const files = await Promise.all(["tributary.mjs", "tributary.min.js", "tributary.earn.mjs"].map(measure));
  const script = files.find(({ file }) => file.endsWith("tributary.min.js"))!;
  if (script.gzipBytes > SCRIPT_GZIP_BYTES_MAX)
    throw new Error(
      `tributary.min.js is ${kilobytes(script.gzipBytes)} gzip, over ${kilobytes(SCRIPT_GZIP_BYTES_MAX)}`,
    );
  for (const { file, bytes, gzipBytes } of files)
    console.log(`${file}  ${kilobytes(bytes)}, ${kilobytes(gzipBytes)} gzip`);
  const goal = kilobytes(SCRIPT_GZIP_BYTES_GOAL);
  console.log(
    `script budget: ${kilobytes(script.gzipBytes)} of ${kilobytes(SCRIPT_GZIP_BYTES_MAX)} gzip` +
      (script.gzipBytes > SCRIPT_GZIP_BYTES_GOAL ? ` (goal ${goal} missed)` : ` (goal ${goal})`),
  );
  return files;
}

async function measure(name: string): Promise<BuiltFile> {
  const content = await readFile(DIST + name);
  return {
    file: `sdk/dist/${name}`,
    bytes: content.length,
    gzipBytes: gzipSync(content, { level: 9 }).length,
  };
}

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSdk();
