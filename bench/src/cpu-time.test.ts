import { describe, expect, it } from "vitest";
import { parseProcStat, treeCpuSeconds } from "./cpu-time.ts";

describe("CPU time of a process tree", () => {
  it("reads a stat line whose name holds spaces and parentheses", () => {
    const line = "42 (chrome (gpu) x) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 5 0 1000 0 0";
    expect(parseProcStat(line)).toEqual({ pid: 42, name: "chrome (gpu) x", parent: 7, cpuSeconds: 2 });
  });

  it("refuses what is no stat line", () => {
    expect(parseProcStat("")).toBeNull();
    expect(parseProcStat("42 (chrome) S 7")).toBeNull();
  });

  it("adds up descendants and leaves strangers out", () => {
    const tree = [
      { pid: 1, name: "chrome", parent: 0, cpuSeconds: 1 },
      { pid: 2, name: "chrome", parent: 1, cpuSeconds: 2 },
      { pid: 3, name: "chrome", parent: 2, cpuSeconds: 4 },
      { pid: 4, name: "chrome", parent: 0, cpuSeconds: 8 },
    ];
    expect(treeCpuSeconds(1, tree)).toBe(7);
  });
});
