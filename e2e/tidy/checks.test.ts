import { describe, expect, it } from "vitest";
import { corePurity } from "./core-purity.ts";
import { noCycles } from "./cycles.ts";
import { noDeadFiles } from "./dead-files.ts";
import { decodersDoNotThrow } from "./decoder-throws.ts";
import { fileLength } from "./file-length.ts";
import { specifiersOf } from "./imports.ts";
import { importLaw } from "./layers.ts";
import type { Check } from "./source-file.ts";
import { testsAreHonest } from "./test-honesty.ts";

/** Runs a check over an imagined repo, path -> text, and gives the paths it complains about. */
function pathsBlamed(check: Check, repo: Record<string, string>): string[] {
  return check(Object.entries(repo).map(([path, text]) => ({ path, text }))).map(({ path }) => path);
}

const PACKAGES = {
  "protocol/package.json": `{"name":"@tributary/protocol","exports":{".":"./src/index.ts"}}`,
  "protocol/src/index.ts": "export const VERSION = 1;",
  "sdk/package.json": `{"name":"@tributary/sdk","exports":{".":"./src/index.ts","./core":"./src/core/index.ts"}}`,
  "tracker/package.json": `{"name":"@tributary/tracker","exports":{".":"./src/index.ts"}}`,
  "tracker/src/index.ts": "export const tracker = 1;",
};

describe("reading imports", () => {
  it("sees values, types, re-exports, dynamic imports and workers", () => {
    const text = `
      import a from "./a.ts"; import type { B } from "./b.ts"; export * from "./c.ts";
      const d = await import("./d.ts"); new Worker(new URL("./e.ts", import.meta.url));
      type F = import("./f.ts").F; // import "./not-this.ts"
      const text = 'import "./nor-this.ts"';`;
    expect(specifiersOf({ path: "sdk/src/x.ts", text }).sort()).toEqual([
      "./a.ts",
      "./b.ts",
      "./c.ts",
      "./d.ts",
      "./e.ts",
      "./f.ts",
    ]);
  });
});

describe("the import law", () => {
  const law = (repo: Record<string, string>) => pathsBlamed(importLaw, { ...PACKAGES, ...repo });

  it("lets layers import downwards", () => {
    expect(
      law({
        "sdk/src/core/index.ts": `import { VERSION } from "@tributary/protocol";`,
        "sdk/src/adapters/hls/loader.ts": `import "../../core/index.ts"; import "hls.js";`,
        "sdk/src/driver.ts": `import "./adapters/hls/loader.ts";`,
        "sdk/src/index.ts": `import "./driver.ts";`,
        "demo-player/src/main.ts": `import "@tributary/sdk"; import "@tributary/tracker";`,
      }),
    ).toEqual([]);
  });

  it("refuses an import upwards", () => {
    expect(
      law({
        "sdk/src/driver.ts": "export {};",
        "sdk/src/core/index.ts": `import type { Driver } from "../driver.ts";`,
      }),
    ).toEqual(["sdk/src/core/index.ts"]);
  });

  it("refuses sdk -> tracker and tracker -> sdk", () => {
    expect(law({ "sdk/src/index.ts": `import "@tributary/tracker";` })).toEqual(["sdk/src/index.ts"]);
    expect(
      law({ "sdk/src/index.ts": "export {};", "tracker/src/main.ts": `import "@tributary/sdk";` }),
    ).toEqual(["tracker/src/main.ts"]);
  });

  it("refuses adapters that import each other, by any path", () => {
    expect(
      law({
        "sdk/src/adapters/http/fetch.ts": "export {};",
        "sdk/src/adapters/hls/loader.ts": `import "../http/fetch.ts";`,
      }),
    ).toEqual(["sdk/src/adapters/hls/loader.ts"]);
  });

  it("refuses a program that reaches past the public API", () => {
    expect(
      law({
        "sdk/src/core/index.ts": "export {};",
        "demo-player/src/page.ts": `import "@tributary/sdk/core";`,
      }),
    ).toEqual(["demo-player/src/page.ts"]);
  });

  it("refuses dependencies in a core, but not in its tests", () => {
    expect(
      law({
        "sdk/src/core/index.ts": `import "node:crypto";`,
        "sdk/src/core/index.test.ts": `import "fast-check";`,
      }),
    ).toEqual(["sdk/src/core/index.ts"]);
  });

  it("keeps test helpers out of the product", () => {
    expect(
      law({
        "protocol/src/testing/arbitraries.ts": `import "fast-check";`,
        "protocol/src/a.test.ts": `import "./testing/arbitraries.ts";`,
        "protocol/src/b.ts": `import "./testing/arbitraries.ts";`,
      }),
    ).toEqual(["protocol/src/b.ts"]);
  });

  it("lets a package's tests share helpers across its layers", () => {
    expect(
      law({
        "tracker/src/testing/rig.ts": `import "../core/index.ts";`,
        "tracker/src/core/index.ts": "export {};",
        "tracker/src/core/index.test.ts": `import "../testing/rig.ts";`,
        "sdk/src/core/index.test.ts": `import "../../../tracker/src/testing/rig.ts";`,
      }),
    ).toEqual(["sdk/src/core/index.test.ts"]);
  });

  it("refuses an import of nothing", () => {
    expect(law({ "protocol/src/ids.ts": `import "./gone.ts";` })).toEqual(["protocol/src/ids.ts"]);
  });
});

describe("cycles", () => {
  it("finds one of types over three files, once", () => {
    expect(
      pathsBlamed(noCycles, {
        "sdk/src/a.ts": `import type { B } from "./b.ts";`,
        "sdk/src/b.ts": `export * from "./c.ts";`,
        "sdk/src/c.ts": `import "./a.ts";`,
        "sdk/src/d.ts": `import "./a.ts"; import "./b.ts";`,
      }),
    ).toEqual(["sdk/src/a.ts"]);
  });

  it("lets a diamond pass", () => {
    expect(
      pathsBlamed(noCycles, {
        "sdk/src/a.ts": `import "./b.ts"; import "./c.ts";`,
        "sdk/src/b.ts": `import "./d.ts";`,
        "sdk/src/c.ts": `import "./d.ts";`,
        "sdk/src/d.ts": "export {};",
      }),
    ).toEqual([]);
  });
});

describe("core purity", () => {
  const core = (text: string) => pathsBlamed(corePurity, { "sdk/src/core/x.ts": text });

  it.each([
    "const now = Date.now();",
    "const now = globalThis.Date.now();",
    "const day = new Date();",
    "const dice = Math.random();",
    "export async function f() {}",
    "const f = async () => 1;",
    "setTimeout(() => {}, 1);",
    "globalThis.setTimeout(() => {}, 1);",
    "console.log(1);",
    "const t = performance.now();",
    "const clock = performance;",
    "export const tools = { performance };",
  ])("refuses %s", (text) => {
    expect(core(text).length).toBeGreaterThan(0);
  });

  it.each([
    "// Date.now() and async are banned here",
    'const text = "console.log";',
    "const day = new Date(0);",
    "interface Clock { performance: number }",
    "export function start(fetch: number) { return fetch + 1; }",
    "export const ids = [1].map((fetch) => ({ fetch }));",
    "export const read = (stats: { performance: number }) => stats.performance;",
  ])("lets pass %s", (text) => {
    expect(core(text)).toEqual([]);
  });

  it("is about cores, not about adapters or tests", () => {
    expect(
      pathsBlamed(corePurity, {
        "sdk/src/adapters/http/x.ts": "Date.now();",
        "sdk/src/core/x.test.ts": "Math.random();",
      }),
    ).toEqual([]);
  });
});

describe("decoders", () => {
  it("may not throw, whichever way they are written", () => {
    expect(
      pathsBlamed(decodersDoNotThrow, {
        "protocol/src/peer/a.ts": "export function decodeA() { if (1) throw new Error(); }",
        "protocol/src/peer/b.ts": "export const readB = () => { throw 1; };",
        "protocol/src/codec/reader.ts": "export function next() { throw 1; }",
        "protocol/src/peer/c.ts": "export const codec = { decode() { throw 1; } };",
      }),
    ).toEqual([
      "protocol/src/peer/a.ts",
      "protocol/src/peer/b.ts",
      "protocol/src/codec/reader.ts",
      "protocol/src/peer/c.ts",
    ]);
  });

  it("leave encoders free to refuse a caller's mistake", () => {
    expect(
      pathsBlamed(decodersDoNotThrow, {
        "protocol/src/peer/a.ts": "export function encodeA() { throw new RangeError(); }",
      }),
    ).toEqual([]);
  });
});

describe("dead files", () => {
  it("finds a file that nothing imports, and one that only its own test imports", () => {
    expect(
      pathsBlamed(noDeadFiles, {
        ...PACKAGES,
        "protocol/src/forgotten.ts": "export {};",
        "protocol/src/tested.ts": "export {};",
        "protocol/src/tested.test.ts": `import "./tested.ts";`,
      }),
    ).toEqual(["protocol/src/forgotten.ts", "protocol/src/tested.ts"]);
  });

  it("finds files that only import each other", () => {
    expect(
      pathsBlamed(noDeadFiles, {
        "sdk/src/a.ts": `import "./b.ts";`,
        "sdk/src/b.ts": `import "./a.ts";`,
      }),
    ).toEqual(["sdk/src/a.ts", "sdk/src/b.ts"]);
  });

  it("knows the entries: exports, npm scripts, pages, build scripts, workers", () => {
    expect(
      pathsBlamed(noDeadFiles, {
        ...PACKAGES,
        "package.json": `{"scripts":{"start":"tsx demo-player/src/main.ts","build":"tsx scripts/build.ts"}}`,
        "demo-player/src/main.ts": "export {};",
        "demo-player/page/index.html": `<script type="module" src="./main.ts"></script>`,
        "demo-player/page/main.ts": `new Worker(new URL("./worker.ts", import.meta.url));`,
        "demo-player/page/worker.ts": "export {};",
        "scripts/build.ts": `import "../sdk/build.ts";`,
        "sdk/build.ts": `const entry = "src/script-tag.ts";`,
        "sdk/src/script-tag.ts": "export {};",
        "sdk/vite.config.ts": "const alias = (name: string) => path(`shims/${name}.ts`);",
        "sdk/shims/debug.ts": "export {};",
      }),
    ).toEqual([]);
  });
});

describe("file length", () => {
  it("allows 300 lines of source and 500 of tests", () => {
    expect(
      pathsBlamed(fileLength, {
        "sdk/src/fits.ts": "x;\n".repeat(300),
        "sdk/src/long.ts": "x;\n".repeat(301),
        "sdk/src/fits.test.ts": "x;\n".repeat(500),
        "sdk/src/long.test.ts": "x;\n".repeat(501),
      }),
    ).toEqual(["sdk/src/long.ts", "sdk/src/long.test.ts"]);
  });
});

describe("honest tests", () => {
  const evasions = [
    ["it", "skip"],
    ["describe", "only"],
    ["test", "todo"],
    ["test.describe", "fixme"],
    ["it.each([1])", "skip"],
    ["it", "skipIf"],
  ].map(([runner, evasion]) => `${runner}.${evasion}("x", () => {});`);

  it.each([...evasions, `xit("x", () => {});`, "await page.waitForTimeout(500);"])("refuses %s", (text) => {
    expect(pathsBlamed(testsAreHonest, { "sdk/src/x.test.ts": text })).toEqual(["sdk/src/x.test.ts"]);
  });

  it("lets ordinary tests pass", () => {
    expect(
      pathsBlamed(testsAreHonest, {
        "sdk/src/x.test.ts": `it.each([1])("x", () => { const hash = page.only; });`,
      }),
    ).toEqual([]);
  });
});
