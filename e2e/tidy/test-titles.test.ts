import { expect, it } from "vitest";
import { testsIn } from "./test-titles.ts";

const titlesIn = (file: string) => testsIn(file).map(({ title }) => title);

it("finds tests by their whole titles, and what each of them says", () => {
  const file = `it("one", () => {\n  expect("a");\n});\n\ntest('it\\'s "two"', async () => {\n  expect("b");\n});\n`;
  expect(testsIn(file)).toEqual([
    { title: "one", text: expect.stringContaining('"a"') },
    { title: `it\\'s "two"`, text: expect.stringContaining('"b"') },
  ]);
  expect(testsIn(file)[0]!.text).not.toContain('"b"');
});

it("finds each row of a table", () => {
  const file = `it.each<[string, Code]>([\n  ["what is long", "overflow"],\n  [\n    "a lie",\n    () => 1,\n  ],\n])("refuses %s: %s", (_, code) => {});`;
  expect(titlesIn(file)).toEqual(["refuses %s: %s", "refuses what is long: overflow", "refuses a lie: "]);
});

it("takes no comment, and no group of tests, for a test", () => {
  expect(titlesIn(`// it says "so"\ndescribe("all", () => {});\nexpect(it).toBe("one");`)).toEqual([]);
});
