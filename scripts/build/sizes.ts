import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

/** One file that a browser downloads. */
export interface BuiltFile {
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

const DOWNLOADED = /\.(mjs|js|css|html)$/;

/** Everything below `folder` that a page would load, named relative to `root`. */
export function measureFolder(root: string, folder: string): BuiltFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && DOWNLOADED.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = readFileSync(path);
      return {
        file: relative(root, path),
        bytes: content.length,
        gzipBytes: gzipSync(content, { level: 9 }).length,
      };
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

export function sizeTable(files: readonly BuiltFile[]): string {
  const width = Math.max(4, ...files.map(({ file }) => file.length));
  const line = (file: string, raw: string, gzip: string) =>
    `${file.padEnd(width)}  ${raw.padStart(10)}  ${gzip.padStart(10)}`;
  const rows = files.map(({ file, bytes, gzipBytes }) => line(file, kilobytes(bytes), kilobytes(gzipBytes)));
  return [line("file", "raw", "gzip"), ...rows].join("\n");
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
