import { describe, expect, it } from "vitest";
import { selectStages, STAGE_NAMES } from "./stages.ts";

const namesOf = (args: string[]) => selectStages(args).map((stage) => stage.name);

describe("stages of npm test", () => {
  it("runs all in order", () => {
    expect(namesOf([])).toEqual([...STAGE_NAMES]);
  });

  it("runs one on request", () => {
    expect(namesOf(["--only", "unit"])).toEqual(["unit"]);
    expect(namesOf(["--only=e2e"])).toEqual(["e2e"]);
  });

  it.each([
    ["--only"],
    ["--only", "everything"],
    ["unit"],
    ["--only", "unit", "lint"],
    ["--only=unit", "lint"],
  ])("refuses %s %s %s", (...args) => {
    expect(() => selectStages(args.filter((arg) => arg !== undefined))).toThrow(TypeError);
  });
});
