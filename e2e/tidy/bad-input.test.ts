import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Whose messages a section is about, by the folder that declares them and their type bytes there. */
const SENDERS = [
  { heading: "A viewer's messages at a tracker", folder: "tracker", sends: (code: number) => code < 0x80 },
  {
    heading: "A tracker's messages at a viewer",
    folder: "tracker",
    // SIGNAL goes both ways.
    sends: (code: number) => code >= 0x80 || code === 0x03,
  },
  { heading: "A peer's messages at a viewer", folder: "peer", sends: () => true },
] as const;

const page = read("docs/BAD-INPUT.md");
const sectionOf = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
const rowsOf = (section: string) =>
  section
    .split("\n")
    .filter((line) => /^\| (?!---)/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** The tests that cells name by a letter. */
const elsewhere = new Map(
  rowsOf(sectionOf("Shown by other tests")).map(([letter, path, title]) => [
    letter ?? "",
    { path: (path ?? "").replaceAll("`", ""), title: title ?? "" },
  ]),
);

/** Each test called "wire: …", and what its second word says that it ends in. */
const cases = [...new Set([...page.matchAll(/`([\w/.-]+\/wire\.test\.ts)`/g)].map(([, path]) => path!))]
  .flatMap((path) => [...read(path).matchAll(/"wire: ([^"]+)",\s+"([^"]+)"/g)])
  .map(([, title, ends]) => [
    title!,
    ends === "passed over" ? ends : [...new Set(ends!.split(" "))].join(" "),
  ]);

function messagesIn(folder: string): { readonly name: string; readonly code: number }[] {
  const path = `protocol/src/${folder}`;
  return readdirSync(join(root, path))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .flatMap((name) => [...read(`${path}/${name}`).matchAll(/= message\("([a-z-]+)", (0x[0-9a-f]+)/g)])
    .map(([, name, code]) => ({ name: name!.toUpperCase().replaceAll("-", "_"), code: Number(code) }));
}

const cellsOf = (section: string) => {
  const [[, ...columns] = [], ...rows] = rowsOf(section);
  return rows.flatMap(([row, ...cells]) =>
    columns.map((column, at) => [`${row}, ${column}`, cells[at] ?? ""] as const),
  );
};

describe.each(SENDERS)("$heading", ({ heading, folder, sends }) => {
  const section = sectionOf(heading);

  it("has a row for each message", () => {
    const names = messagesIn(folder)
      .filter(({ code }) => sends(code))
      .map(({ name }) => name);
    expect(names.length).toBeGreaterThan(9);
    const rows = rowsOf(section).map(([row]) => row!.replace(/ (to a viewer|of roots|of a peer)$/, ""));
    expect(rows.filter((row) => /^[A-Z]/.test(row)).sort()).toEqual(names.sort());
  });

  it("names the other tests that show what a cell says", () => {
    for (const [, code, letter] of section.matchAll(/`([a-z-]+)` \[([a-z])\]/g)) {
      const { path, title } = elsewhere.get(letter!)!;
      expect(read(path).includes(title), `${path} has no test "${title}"`).toBe(true);
      const isNamed = code === "refused" || new RegExp(`\\b${code}\\b`).test(read(path));
      expect(isNamed, `${path} expects no ${code}`).toBe(true);
    }
  });
});

it("has a cell for each test, and a test for each cell", () => {
  const own = SENDERS.flatMap(({ heading }) => cellsOf(sectionOf(heading))).filter(
    ([, cell]) => cell !== "–" && !/\[[a-z]\]$/.test(cell),
  );
  expect(own.length).toBeGreaterThan(150);
  expect(own.map(([title, cell]) => [title, cell.replaceAll("`", "")]).sort()).toEqual(cases.sort());
});

it("is linked to, and names no test that no cell needs", () => {
  expect(read("docs/PROTOCOL.md")).toContain("(BAD-INPUT.md)");
  const used = new Set([...page.matchAll(/ \[([a-z])\]/g)].map(([, letter]) => letter));
  expect([...used].sort()).toEqual([...elsewhere.keys()].filter((letter) => letter.length === 1).sort());
});
