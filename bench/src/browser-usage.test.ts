import { describe, expect, it } from "vitest";
import { parseProcStat, treeOf } from "./browser-usage.ts";

describe("CPU time of a process tree", () => {
  it("reads a stat line whose name holds spaces and parentheses, children that ended included", () => {
    const line = "42 (chrome (gpu) x) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 20 5 20 0 5 0 1000 0 0";
    expect(parseProcStat(line)).toEqual({ pid: 42, name: "chrome (gpu) x", parent: 7, cpuSeconds: 2.25 });
  });

  it("refuses what is no stat line", () => {
    expect(parseProcStat("")).toBeNull();
    expect(parseProcStat("42 (chrome) S 7")).toBeNull();
  });

  it("holds descendants and leaves strangers out", () => {
    const process = (pid: number, parent: number) => ({ pid, name: "chrome", parent, cpuSeconds: 1 });
    const tree = treeOf(1, [process(1, 0), process(2, 1), process(3, 2), process(4, 0)]);
    expect(tree.map(({ pid }) => pid)).toEqual([1, 2, 3]);
  });
});
