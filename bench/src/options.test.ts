import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

const parse = (...args: string[]) => parseOptions(args, ["live", "startup"], 7);

describe("the bench's options", () => {
  it("run everything once by default", () => {
    expect(parse()).toEqual({
      only: null,
      modes: ["playlist", "verifier"],
      repeat: 1,
      seconds: null,
      starts: 30,
      seed: 7,
    });
  });

  it("narrow scenes, modes and times", () => {
    const options = parse("--only", "live,startup", "--roots", "verifier", "--repeat", "3", "--seconds", "5");
    expect(options).toMatchObject({ only: ["live", "startup"], modes: ["verifier"], repeat: 3, seconds: 5 });
  });

  it.each([
    ["--only", "life"],
    ["--roots", "none"],
    ["--repeat", "0"],
    ["--seconds", "soon"],
    ["--nonsense", "1"],
    ["live", ""],
  ])("refuse %s %s", (...args) => {
    expect(() => parse(...args.filter((arg) => arg !== ""))).toThrow(TypeError);
  });
});
