import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { measureFolder, sizeTable } from "./sizes.ts";

const root = mkdtempSync(join(tmpdir(), "sizes-"));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("sizes of a build", () => {
  it("measures what a page downloads, source maps and types left out", () => {
    mkdirSync(join(root, "dist/assets"), { recursive: true });
    writeFileSync(join(root, "dist/b.min.js"), "x".repeat(2048));
    writeFileSync(join(root, "dist/b.min.js.map"), "map");
    writeFileSync(join(root, "dist/b.d.ts"), "types");
    writeFileSync(join(root, "dist/assets/a.css"), "a{}");
    const files = measureFolder(root, "dist");
    expect(files.map(({ file, bytes }) => [file, bytes])).toEqual([
      ["dist/assets/a.css", 3],
      ["dist/b.min.js", 2048],
    ]);
    expect(files[1]?.gzipBytes).toBeLessThan(100);
  });
});

describe("the table", () => {
  it("shows both sizes in aligned columns", () => {
    const lines = sizeTable([
      { file: "sdk/dist/tributary.min.js", bytes: 102_400, gzipBytes: 40_960 },
      { file: "a.js", bytes: 10, gzipBytes: 30 },
    ]).split("\n");
    expect(lines[1]).toMatch(/^sdk\/dist\/tributary\.min\.js +100\.0 KB +40\.0 KB$/);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });
});
