import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readRepo } from "./read-repo.ts";
import { isTestFile } from "./source-file.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** As they go over the wire: a code's number is its place. */
const codes = [...read("protocol/src/tracker/error.ts").matchAll(/^ {2}"([a-z-]+)",$/gm)].map(
  ([, code]) => code!,
);
const [, table = ""] = read("docs/PROTOCOL.md").split("### Error codes");
const documented = [...table.split("\n### ")[0]!.matchAll(/^\| (\d+) \| ([a-z-]+) \|/gm)].map(
  ([, number, code]) => [Number(number), code] as const,
);
/** Tests of what gives them: the word alone, somewhere, would be a word. */
const tests = readRepo(root)
  .filter(({ path }) => isTestFile(path) && path.startsWith("tracker/"))
  .map(({ text }) => text);

describe("every error code of the wire", () => {
  it("is found in the source", () => {
    expect(codes.slice(0, 2)).toEqual(["bad-message", "out-of-order"]);
    expect(codes.at(-1)).toBe("banned");
  });

  it("is in docs/PROTOCOL.md under its number, and no other is", () => {
    expect(documented).toEqual(codes.map((code, number) => [number, code]));
  });

  it.each(codes)("%s is what a test of the tracker expects", (code) => {
    const isExpected = new RegExp(
      `(?:code: |toBe\\(|toEqual\\(\\[|"wire: [^"]+",\\s+)"(?:[a-z-]+ )*${code}(?: [a-z-]+)*"`,
    );
    const found = tests.filter((text) => isExpected.test(text));
    expect(found.length, `no test names the error code ${code}`).toBeGreaterThan(0);
  });
});
