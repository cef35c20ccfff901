import { expect, test } from "vitest";
import {
  formatAmount,
  formatBytes,
  formatDuration,
  formatMoney,
  formatPrice,
  formatTogether,
  publisherName,
} from "./format.ts";

test.each([
  [0n, "$0"],
  [1n, "$0.000001"],
  [9_999n, "$0.009999"],
  [12_345n, "$0.0123"],
  [1_999_999n, "$1.99"],
  [1_234_567_890_000n, "$1,234,567.89"],
  [-7_530n, "−$0.007530"],
])("%s micro-units are %s: rounded down, with the digits that say it", (micro, text) => {
  expect(formatAmount(micro)).toBe(text);
});

test("amounts that are compared have equally many digits", () => {
  expect(formatTogether(12_810n, 8_862n, 0n)).toEqual(["$0.012810", "$0.008862", "$0.000000"]);
  expect(formatTogether(0n, 5_000_000n)).toEqual(["$0.00", "$5.00"]);
});

test("a price has no digits that say nothing, and no fewer than cents", () => {
  expect([3_500n, 5_000n, 10_000n, 1_000_000n].map(formatPrice)).toEqual([
    "$0.0035",
    "$0.005",
    "$0.01",
    "$1.00",
  ]);
});

test("groups of three digits, whole dollars too", () => {
  expect(formatMoney(12_345_678_000_000n, 0)).toBe("$12,345,678");
});

test("bytes in the units of CDN bills", () => {
  const shown = [0n, 999n, 1_000n, 186_000_000n, 99_940_000n, 1_506_000_000n, 999_600_000n, 5n * 10n ** 15n];
  expect(shown.map((bytes) => formatBytes(bytes).replace("\u00a0", " "))).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "186 MB",
    "99.9 MB",
    "1.51 GB",
    "1.00 GB",
    "5.00 PB",
  ]);
});

test("durations in their largest unit", () => {
  expect([30_000, 60_000, 600_000, 7_200_000, 14 * 86_400_000].map(formatDuration)).toEqual([
    "30\u00a0seconds",
    "1\u00a0minute",
    "10\u00a0minutes",
    "2\u00a0hours",
    "14\u00a0days",
  ]);
});

test("nobody's publisher is the open tracker", () => {
  expect(publisherName("A".repeat(22))).toBe("open tracker");
  expect(publisherName("q83vASNFZ4mrze8BI0VniQ")).toBe("q83vASNF…");
});
