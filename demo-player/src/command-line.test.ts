import { describe, expect, it } from "vitest";
import { readCommandLine } from "./command-line.ts";

describe("the demo's command line", () => {
  it("has a default and takes a port", () => {
    expect(readCommandLine([])).toEqual({ port: 8080, help: false });
    expect(readCommandLine(["--port", "0"]).port).toBe(0);
    expect(readCommandLine(["--port=9000", "-h"])).toEqual({ port: 9000, help: true });
  });

  it("says what is wrong", () => {
    for (const port of ["", "x", "-1", "65536", "80.5"]) {
      expect(() => readCommandLine([`--port=${port}`])).toThrow(/--port takes a number/);
    }
    expect(() => readCommandLine(["--colour"])).toThrow(/--colour/);
  });
});
