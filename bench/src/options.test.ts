import { describe, expect, it } from "vitest";
import { isSmoke, parseOptions } from "./options.ts";

const parse = (...args: string[]) => parseOptions(args, ["live", "startup"], 7);

describe("the bench's options", () => {
  it("run everything three times by default", () => {
    expect(parse()).toEqual({
      only: null,
      kinds: new Map([
        ["plain", 3],
        ["plain-1.6", 3],
        ["p2pml", 3],
        ["p2pml-shipped", 3],
        ["tributary", 3],
      ]),
      modes: ["playlist", "verifier"],
      repeat: 3,
      seconds: null,
      viewers: null,
      starts: 12,
      seed: 7,
    });
    expect(isSmoke(parse())).toBe(false);
  });

  it("narrow scenes, modes and times", () => {
    const options = parse("--only", "live,startup", "--roots", "verifier", "--repeat", "2", "--seconds", "5");
    expect(options).toMatchObject({ only: ["live", "startup"], modes: ["verifier"], repeat: 2, seconds: 5 });
    expect(isSmoke(options)).toBe(true);
  });

  it("give each kind its own number of runs", () => {
    const { kinds, repeat } = parse("--kinds", "plain:1,tributary", "--repeat", "4");
    expect([...kinds]).toEqual([
      ["plain", 1],
      ["tributary", 4],
    ]);
    expect(repeat).toBe(4);
  });

  it.each([
    ["--only", "life"],
    ["--kinds", "plane"],
    ["--kinds", "plain:0"],
    ["--kinds", "plain:1:2"],
    ["--roots", "none"],
    ["--repeat", "0"],
    ["--seconds", "soon"],
    ["--viewers", "-1"],
    ["--nonsense", "1"],
    ["live", ""],
  ])("refuse %s %s", (...args) => {
    expect(() => parse(...args.filter((arg) => arg !== ""))).toThrow(TypeError);
  });
});
