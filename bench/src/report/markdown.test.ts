import { describe, expect, it } from "vitest";
import { cell, plainCell } from "../testing/cells.ts";
import { toMarkdown } from "./markdown.ts";
import { withRows, type Report } from "./report.ts";

const scene = { name: "live-4s", title: "live, 4 viewers", ceiling: "one copy", skipped: null };
const report = (changes: Partial<Report> = {}): Report =>
  withRows({
    date: "2026-01-02",
    commit: "abc1234",
    command: "npm run bench",
    seed: 7,
    smoke: false,
    machine: {
      cpu: "A CPU",
      cores: 2,
      memoryGiB: 8,
      system: "Linux 6",
      node: "v20.0.0",
      browser: "Chromium 1",
      loadBefore: 0.1,
    },
    minutes: 12.3,
    scenes: [scene],
    cells: [cell(), cell({ run: 2, offloadRatio: 0.77, stalls: 2 }), plainCell()],
    transport: [],
    failures: [],
    ...changes,
  });

describe("the bench's Markdown", () => {
  it("names the machine, the command, the scene and its ceiling", () => {
    const text = toMarkdown(report(), []);
    expect(text).toContain("2 cores of A CPU, 8 GiB, Linux 6, Node v20.0.0, Chromium 1, headless");
    expect(text).toContain("Commit abc1234, `npm run bench`, seed 7, 12 minutes.");
    expect(text).toContain("## live-4s\n\nLive, 4 viewers.\n\nCeiling: one copy;");
  });

  it("has a row for each player, with the spread of its runs and its ratios to plain hls.js", () => {
    const lines = toMarkdown(report(), []).split("\n");
    const head = lines.find((line) => line.startsWith("| player"))!.split(" | ");
    const row = lines.find((line) => line.startsWith("| Tributary"))!.split(" | ");
    const of = (name: string) => row[head.indexOf(name)];
    expect(of("offload")).toBe("**0.760** [0.750, 0.770]");
    expect(of("stalls, each run")).toBe("0, 2");
    expect(of("start median / max, ms")).toBe("215 / 230");
    expect(of("start over plain (95 %)")).toMatch(/^\*\*1\.00 x\*\* \(0\.\d\d to 1\.\d\d\)$/);
    expect(of("latency over plain, s")).toBe("+0.00");
    expect(of("CPU s per viewer")).toBe("5.00; **1.25 x**");
    expect(lines.find((line) => line.startsWith("| hls.js 1.7"))).toContain(" 4.00 ");
  });

  it("leaves out what a scene has no figures for", () => {
    const text = toMarkdown(report(), []);
    expect(text).not.toContain("seek, ms");
    expect(text).not.toContain("level switches");
    expect(text).not.toContain("starts with peer bytes");
  });

  it("says why a scene was skipped, and where a run was cut short", () => {
    const skipped = report({ smoke: true, scenes: [{ ...scene, skipped: "no namespaces here" }] });
    expect(toMarkdown(skipped, [])).toContain("**Skipped**: no namespaces here.");
    expect(toMarkdown(skipped, [])).toContain("no figures");
    expect(toMarkdown(report(), [])).not.toContain("no figures");
  });

  it("names the runs that came to nothing", () => {
    expect(toMarkdown(report({ failures: ["run 2 churn, plain: no browser"] }), [])).toContain(
      "**Failed**: run 2 churn, plain: no browser",
    );
  });

  it("compares transports run by run", () => {
    const transport = [
      { run: 1, rawBytesPerSecond: 40e6, sdkBytesPerSecond: 36e6, bytes: 1 },
      { run: 2, rawBytesPerSecond: 40e6, sdkBytesPerSecond: 32e6, bytes: 1 },
    ];
    const text = toMarkdown(report({ transport, scenes: [{ ...scene, name: "transport" }] }), []);
    expect(text).toContain("| 2 | 40.0 | 32.0 | 0.80 |");
    expect(text).toContain("| median | 40.0 | 34.0 | **0.85** |");
  });
});
