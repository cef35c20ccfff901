import ts from "typescript";
import { expect, test } from "vitest";
import { numberedWords, numberWords } from "./numbered-words.ts";

const UNION = `export type Told = { readonly type: "one-two"; readonly of: number } | { readonly type: "three-four" };`;

/** The file after its words became numbers. */
function numbered(code: string): string {
  const sources = new Map([
    ["/made-up/told.ts", UNION],
    ["/made-up/code.ts", `import type { Told } from "./told.ts";\n${code}`],
  ]);
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
    noLib: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => sources.has(path);
  host.readFile = (path) => sources.get(path);
  host.directoryExists = () => true;
  host.getSourceFile = (path, target) => {
    const text = sources.get(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, target, true);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  const words = numberedWords(program, [{ file: "/made-up/told.ts", name: "Told" }], () => true);
  const before = sources.get("/made-up/code.ts")!;
  const transform = numberWords(words).transform as (
    code: string,
    id: string,
  ) => { code: string } | undefined;
  const after = transform(before, "/made-up/code.ts")?.code ?? before;
  expect(after).toHaveLength(before.length);
  return after.replaceAll(/ +/g, " ");
}

test("a word that tells members apart is a number wherever it stands", () => {
  const code = numbered(`
    export const told: Told = { type: "one-two", of: 1 };
    export const is = (told: Told) => told.type === "three-four";
    export function of(told: Told): number {
      switch (told.type) {
        case "one-two": return told.of;
        default: return 0;
      }
    }
    export function only(told: Extract<Told, { type: "one-two" }>): number { return told.of; }
  `);
  expect(code).toContain("{ type: 1 , of: 1 }");
  expect(code).toContain("told.type === 2");
  expect(code).toContain("case 1 :");
});

test.each([
  ["an argument", `export const told = (show: (word: string) => void) => show("three-four");`],
  ["another type", `export type Another = { type: "three-four" };`],
  ["a table", `export const table = { "three-four": 1 };`],
])("a word became a number although it is also %s", (_where, code) => {
  const kept = numbered(`${code}
    export const told: Told = { type: "three-four" };
    export const first: Told = { type: "one-two", of: 1 };`);
  expect(kept).toContain(`{ type: "three-four" }`);
  expect(kept).toContain("{ type: 1 , of: 1 }");
});

test.each([
  ["in a text", "export const text = (told: Told) => `it was ${told.type}`;"],
  ["by a name of its own", "export const text = ({ type }: Told) => `it was ${type}`;"],
])("a message called an output by its number: it was shown %s", (_how, code) => {
  expect(() => numbered(code)).toThrow("is shown");
});
