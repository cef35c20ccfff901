import { describe, expect, it } from "vitest";
import { formatBytes, formatClock, formatPercent, formatRate, formatSeconds, plural } from "./format.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("format", () => {
  it("writes bytes in decimal units without jumping to 1000 of the smaller one", () => {
    expect(
      [0, 999, 1_000, 999_499, 999_500, 3_240_000, 999_949_999, 999_950_000].map(formatBytes).map(plain),
    ).toEqual(["0 B", "999 B", "1 kB", "999 kB", "1.0 MB", "3.2 MB", "999.9 MB", "1.00 GB"]);
  });

  it("says 100 % only when nothing is missing and a dash when nothing is known", () => {
    expect([null, Number.NaN, -0.2, 0.744, 0.9999, 1, 2].map(formatPercent).map(plain)).toEqual([
      "–",
      "–",
      "0 %",
      "74 %",
      "99 %",
      "100 %",
      "100 %",
    ]);
  });

  it("writes rates, seconds, clocks and counts", () => {
    expect([0, 499, 640_000, 1_240_000].map(formatRate).map(plain)).toEqual([
      "0 Mbit/s",
      "0 Mbit/s",
      "640 kbit/s",
      "1.2 Mbit/s",
    ]);
    expect(plain(formatSeconds(8.26))).toBe("8.3 s");
    expect([0, 59.9, 61, 3_725, Number.NaN, Number.POSITIVE_INFINITY].map(formatClock)).toEqual([
      "0:00",
      "0:59",
      "1:01",
      "62:05",
      "–",
      "–",
    ]);
    expect([plural(1, "peer"), plural(0, "peer")].map(plain)).toEqual(["1 peer", "0 peers"]);
  });
});
