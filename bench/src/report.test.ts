import { describe, expect, it } from "vitest";
import { toMarkdown, type Report } from "./report.ts";

const report: Report = {
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
  },
  rows: [
    {
      kind: "swarm",
      scene: "live",
      roots: "verifier",
      run: 1,
      viewers: 6,
      measuredSeconds: 60,
      offloadRatio: 0.6543,
      ceilingRatio: 0.7,
      claimedRatio: 0.66,
      originMediaBytes: 100,
      neededBytes: 300,
      stalls: 0,
      fatalErrors: 0,
      startupMedianMs: 250.4,
      startupMaxMs: 300,
      latencySeconds: { tributary: 12.31, plain: 12.3 },
      cpuSecondsPerViewer: null,
    },
    {
      kind: "startup",
      scene: "startup",
      roots: "playlist",
      run: 1,
      starts: 30,
      plainMedianMs: 250,
      tributaryMedianMs: 260,
      ratio: { ratio: 1.04, low: 0.98, high: 1.09 },
      startsWithPeers: 30,
      stalls: 0,
      fatalErrors: 0,
    },
  ],
};

describe("the bench's Markdown", () => {
  it("names the machine, the command and each row's mode", () => {
    const text = toMarkdown(report);
    expect(text).toContain("2 cores of A CPU, 8 GiB, Linux 6, Node v20.0.0, Chromium 1, headless");
    expect(text).toContain(
      "| live | verifier | 1 | 6 | **0.654** | 0.700 | 0.660 | 0 | 0 | 250 / 300 ms | 12.31 s (12.30 s) |  |",
    );
    expect(text).toContain(
      "| startup | playlist | 1 | 30 | 250 ms | 260 ms | **1.040** (0.980 to 1.090) | 30 / 30 | 0 | 0 |",
    );
  });

  it("says where a run was cut short", () => {
    expect(toMarkdown({ ...report, smoke: true })).toContain("no figures");
    expect(toMarkdown(report)).not.toContain("no figures");
  });
});
