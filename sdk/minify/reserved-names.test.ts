import ts from "typescript";
import { expect, test } from "vitest";
import { namesIn, reservedNames } from "./reserved-names.ts";

/** A program of these files alone: what lies in `theirs/` is not ours, what lies in `wire/` lays out messages. */
function reservedIn(files: Readonly<Record<string, string>>): Set<string> {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const sources = new Map(Object.entries(files).map(([name, text]) => [`/made-up/${name}`, text]));
  host.fileExists = (path) => sources.has(path);
  host.readFile = (path) => sources.get(path);
  host.directoryExists = () => true;
  host.getSourceFile = (path, target) => {
    const text = sources.get(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, target, true);
  };
  const entries = ["/made-up/entry.ts"];
  return reservedNames(
    ts.createProgram([...sources.keys()], options, host),
    entries,
    (path) => !path.includes("/theirs/"),
    (path) => path.includes("/wire/"),
  );
}

const found = (reserved: Set<string>, names: string) => names.split(" ").filter((name) => reserved.has(name));

test("a name of the public API was shortened: an export, a member, an option, what a callback is given", () => {
  const reserved = reservedIn({
    "entry.ts": `
      import { hidden } from "./inner.ts";
      export { other as renamed } from "./inner.ts";
      interface Options { readonly nested?: { readonly deep: number } }
      interface Engine {
        stats(): { readonly bytes: number };
        on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): void;
      }
      interface Events { peer: { readonly reason: string } }
      export declare function createEngine(options: Options): Engine;
      export const count = hidden.inside;
    `,
    "inner.ts": `export const hidden = { inside: 1, beside: 2 }; export const other = { reached: 1 };`,
  });
  const names = "createEngine renamed reached count nested deep stats bytes on peer reason";
  expect(found(reserved, `${names} hidden inside beside other Options`)).toEqual(names.split(" "));
});

test("a name was shortened that a string asks for, or that the source says a parsed text has", () => {
  const reserved = reservedIn({
    "entry.ts": `
      declare function parse(text: string): unknown;
      const ranks = { offer: 1, answer: 2, unasked: 3 };
      const rank = (kind: "offer" | "answer") => ranks[kind];
      export const token = (parse("{}") as { signature: string }).signature;
      rank("offer");
    `,
  });
  expect(found(reserved, "offer answer signature ranks unasked")).toEqual(["offer", "answer", "signature"]);
});

test("a name that others declare was shortened, or a field that an error text names", () => {
  const reserved = reservedIn({
    "entry.ts": `import { message } from "./wire/message.ts"; import type { Frag } from "./theirs/player.ts";
      const ours = { local: 1 }; export const used = (frag: Frag): number => ours.local + message.length;`,
    "wire/message.ts": `const fields = { ticket: 4 }; export const message = [fields];`,
    "theirs/player.ts": `export interface Frag { readonly levelDetails: Unexported }
      interface Unexported { readonly unused: (parameter: number) => void }`,
  });
  expect(found(reserved, "levelDetails unused ticket local ours parameter")).toEqual([
    "levelDetails",
    "unused",
    "ticket",
  ]);
});

test("names in a library's own text are kept, but for comments and simple parameters", () => {
  const names = namesIn(
    `/* said */ class Peer { run ({ given }, plain) { this.channel = given["quoted"]; } }`,
  );
  expect(found(names, "said Peer run given plain channel quoted")).toEqual(
    "Peer run given channel quoted".split(" "),
  );
});
