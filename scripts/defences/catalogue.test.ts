import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFENCES } from "./catalogue.ts";
import { patched } from "./patch.ts";
import { argumentsOf } from "./run-tests.ts";
import { verdictOf } from "./verdict.ts";

const THREATS = [
  "T1",
  "T2",
  "T3",
  "T4",
  "T5",
  "T6",
  "T7",
  "T8",
  "T9",
  "T10",
  "T11",
  "T12",
  "T13",
  "T14",
  "T15",
  "T16",
];
const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

it("knows a defence against every threat", () => {
  expect([...new Set(DEFENCES.map(({ threat }) => threat))]).toEqual(THREATS);
});

it.each(DEFENCES)(
  "$threat, $rule: can be switched off, and has its test",
  ({ threat, patches, testFile, test }) => {
    for (const patch of patches) expect(patched(patch, read(patch.file))).not.toBe(read(patch.file));
    expect(read(testFile).includes(`"${test}`), `${testFile} has no test "${test}…"`).toBe(true);
    // All that it shows, the threats first: "T4, T5 signs grants".
    expect(/^T\d+(, T\d+)*(?= )/.exec(test)?.[0].split(", ")).toContain(threat);
  },
);

it("says which patch does not apply any more", () => {
  const patch = { file: "a.ts", find: "one", replace: "two" };
  expect(patched({ ...patch, replace: "$&" }, "just one")).toBe("just $&");
  expect(() => patched(patch, "none, one")).toThrow("a.ts: found 2 times, expected once: one");
  expect(() => patched(patch, "two")).toThrow("a.ts: found 0 times");
});

it("runs a browser's test alone, not after all those that swarms wait for", () => {
  const defence = DEFENCES.find(({ runner }) => runner === "playwright")!;
  expect(argumentsOf(defence, "report.json")).toContain("--no-deps");
});

describe("a verdict", () => {
  const result = (passed: string[], failed: string[]) => ({ passed, failed, output: "" });
  const on = result(["attack one", "other"], []);

  it.each([
    [on, result(["other"], ["attack one"]), true, "fails, alone"],
    [on, result([], ["attack one", "other"]), true, "fails, and 1 more of its file"],
    [on, on, false, "PASSES WITHOUT ITS DEFENCE"],
    [on, result([], []), false, "DID NOT RUN WITHOUT IT"],
    [result([], ["attack one"]), result([], ["attack one"]), false, "FAILS WITH ITS DEFENCE"],
    [result(["other"], []), result([], []), false, "NO SUCH TEST RAN"],
  ])("of %j and %j", (before, after, ok, text) => {
    expect(verdictOf("attack", before, after)).toEqual({ ok, text });
  });
});
