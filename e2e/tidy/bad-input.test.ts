import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { testsIn } from "./test-titles.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Whose messages a section is about, by the folder that declares them and their type bytes there. */
const SENDERS = [
  { heading: "A viewer's messages at a tracker", folder: "tracker", sends: (code: number) => code < 0x80 },
  {
    heading: "A tracker's messages at a viewer",
    folder: "tracker",
    // SIGNAL goes both ways.
    sends: (code: number) => code >= 0x80 || code === 0x03 || code === 0x06,
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
  rowsOf(sectionOf("Shown by other tests"))
    .filter(([letter]) => letter !== "")
    .map(([letter, path, title]) => [
      letter!,
      { path: (path ?? "").replaceAll("`", ""), title: title ?? "" },
    ]),
);
/** Why a cell has no test, by the number after its dash. */
const reasons = new Map(
  rowsOf(sectionOf("Why there is no test"))
    .filter(([number]) => number !== "")
    .map(([number, reason]) => [number!, reason ?? ""]),
);

/** Each test called "wire: …", and what its second word says that it ends in. */
const cases = [...new Set([...page.matchAll(/`([\w/.-]+\/wire\.test\.ts)`/g)].map(([, path]) => path!))]
  .flatMap((path) => [...read(path).matchAll(/"wire: ([^"]+)",\s+"([^"]+)"/g)])
  .map(([, title, ends]) => [
    title!,
    ends === "passed over" ? ends : [...new Set(ends!.split(" "))].join(" "),
  ]);

/** What is declared in a folder of the protocol, without comments and imports. */
function sourcesIn(folder: string): string[] {
  const path = `protocol/src/${folder}`;
  return readdirSync(join(root, path))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => read(`${path}/${name}`).replaceAll(/\/\*[^]*?\*\/|^import [^;]+;|\/\/.*$/gm, ""));
}

const messagesIn = (folder: string) =>
  sourcesIn(folder).flatMap((source) =>
    [...source.matchAll(/= message\("([a-z-]+)", (0x[0-9a-f]+)/g)].map(([, name, code]) => ({
      name: name!.toUpperCase().replaceAll("-", "_"),
      code: Number(code),
      source,
    })),
  );

/** Faults that a message has where its declaration says so. */
const APPLIES: readonly (readonly [column: RegExp, declared: RegExp])[] = [
  [/^(wrong length|wrong type|wrong order)$/, /./],
  [/^wrong key$/, /\bsessionKey\b|[sS]ignature\b/],
  [/^wrong epoch$/, /\bepoch\b/],
  [
    /^overflow$/,
    /\b(varint|list|text|bytes)\(|Set\b|\b(segmentId|requestId|sizeBytes|position|optionalSignature)\b/,
  ],
  [/^clock (ahead|behind)$/, /\b(time|timestamp|issued|expiry|notBefore)Ms\b/],
];

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly text: string;
}

const cellsOf = (section: string): Cell[] => {
  const [[, ...columns] = [], ...rows] = rowsOf(section);
  return rows.flatMap(([row, ...cells]) =>
    columns.map((column, at) => ({ row: row!, column, text: cells[at] ?? "" })),
  );
};
const isEmpty = ({ text }: Cell) => text.startsWith("–");
/** What a cell says, one by one: with a letter it is shown elsewhere. */
const wordsOf = ({ text }: Cell) =>
  text.split(", ").map((word) => {
    const [, ends = "", letter = null] =
      /^((?:`[a-z-]+` ?)+?|passed over)(?: \[([a-z]\d?)\])?$/.exec(word) ?? [];
    return { ends: ends.replaceAll("`", ""), letter };
  });
const withoutSide = (row: string) => row.replace(/ (to a viewer|of roots|of a peer)$/, "");

describe.each(SENDERS)("$heading", ({ heading, folder, sends }) => {
  const section = sectionOf(heading);
  const messages = messagesIn(folder).filter(({ code }) => sends(code));
  const cells = cellsOf(section);

  it("has a row for each message", () => {
    expect(messages.length).toBeGreaterThan(9);
    const rows = rowsOf(section).map(([row]) => withoutSide(row!));
    expect(rows.filter((row) => /^[A-Z]/.test(row)).sort()).toEqual(messages.map(({ name }) => name).sort());
  });

  it("has something to say in each cell, or says why not", () => {
    for (const cell of cells) {
      const where = `${cell.row}, ${cell.column}: ${cell.text}`;
      if (isEmpty(cell)) expect(reasons.has(cell.text.slice(2)), where).toBe(true);
      else for (const { ends } of wordsOf(cell)) expect(ends, where).not.toBe("");
    }
  });

  it("leaves out no fault that the declaration of a message makes possible", () => {
    const tried = messages.flatMap(({ name, source }) =>
      cells
        .filter(({ row }) => withoutSide(row) === name)
        .map((cell) => {
          const declared = APPLIES.find(([column]) => column.test(cell.column))?.[1];
          // The values of a choice are no fields.
          const applies = declared?.test(source.replaceAll(/"[^"]*"/g, "")) ?? false;
          expect(applies && isEmpty(cell), `${cell.row}, ${cell.column}: ${cell.text}`).toBe(false);
          return applies;
        }),
    );
    expect(tried.filter((applies) => applies).length).toBeGreaterThan(35);
  });

  it("names the other tests that show what a cell says", () => {
    for (const { ends, letter } of cells.filter((cell) => !isEmpty(cell)).flatMap(wordsOf)) {
      if (letter === null) continue;
      const { path, title } = elsewhere.get(letter)!;
      const test = testsIn(read(path)).find((one) => one.title === title);
      expect(test, `${path} has no test "${title}"`).toBeDefined();
      // These are what a viewer makes of it, and no codes.
      const codes = ends === "refused" || ends === "passed over" ? [] : ends.split(" ");
      for (const code of codes)
        expect(test?.text, `[${letter}] expects no ${code}`).toMatch(new RegExp(`["'\`]${code}["'\`]`));
    }
  });
});

it("has a row for each signed structure that a tracker reads, and for tokens", () => {
  const signed = sourcesIn("receipts").flatMap((source) =>
    [...source.matchAll(/ = signedMessage\(\s*"([a-z-]+)"/g)].map(([, name]) => name!.replaceAll("-", " ")),
  );
  expect(signed).toContain("delegation");
  const rows = rowsOf(sectionOf(SENDERS[0].heading)).map(([row]) => row!.replace(/ of a statement$/, ""));
  expect(rows).toEqual(
    expect.arrayContaining([...signed.map((name) => (name === "statement" ? "STATEMENT" : name)), "token"]),
  );
});

it("has a cell for each test, and a test for each cell", () => {
  const own = SENDERS.flatMap(({ heading }) => cellsOf(sectionOf(heading)))
    .filter((cell) => !isEmpty(cell))
    .flatMap((cell) =>
      wordsOf(cell)
        .filter(({ letter }) => letter === null)
        .map(({ ends }) => [`${cell.row}, ${cell.column}`, ends]),
    );
  expect(own.length).toBeGreaterThan(150);
  expect(own.sort()).toEqual(cases.sort());
});

it("is linked to, and names no test and no reason that no cell needs", () => {
  expect(read("docs/PROTOCOL.md")).toContain("(BAD-INPUT.md)");
  const letters = new Set([...page.matchAll(/ \[([a-z]\d?)\]/g)].map(([, letter]) => letter));
  expect([...letters].sort()).toEqual([...elsewhere.keys()].sort());
  for (const { path, title } of elsewhere.values())
    expect(
      testsIn(read(path)).map((one) => one.title),
      path,
    ).toContain(title);
  const numbers = new Set([...page.matchAll(/\| – (\d+)/g)].map(([, number]) => number));
  expect([...numbers].sort()).toEqual([...reasons.keys()].sort());
});
