import { expect, test } from "vitest";
import type { Earning } from "../ledger-api.ts";
import { priceFrom, spendingSummaryOf, summaryOf } from "./summary.ts";

const earning = (epoch: number, paidMicro: bigint, state: Earning["state"], publisher = "p"): Earning => ({
  epoch,
  publisher,
  bytes: paidMicro * 1_000n,
  paidMicro,
  state,
});

test("posted and pending are told apart; what was withdrawn is neither, but was served", () => {
  const summary = summaryOf([
    earning(3, 5n, "pending"),
    earning(3, 7n, "pending", "q"),
    earning(2, 11n, "posted"),
    earning(1, 13n, "voided"),
    earning(0, 0n, null),
  ]);
  expect(summary).toEqual({ postedMicro: 11n, pendingMicro: 12n, servedBytes: 36_000n, epochCount: 4 });
});

test("what the CDN would have cost counts the epochs whose bytes are known, on both sides", () => {
  const charges = [
    { epoch: 2, chargedMicro: 5_000n, bytes: 1_000_000_000n },
    { epoch: 1, chargedMicro: 900n, bytes: null },
  ];
  expect(spendingSummaryOf(charges, 20_000n)).toEqual({
    chargedMicro: 5_000n,
    cdnMicro: 20_000n,
    savedMicro: 15_000n,
    bytes: 1_000_000_000n,
  });
});

test.each([
  ["0.02", 20_000n],
  ["0,085", 85_000n],
  ["0", 0n],
  ["", null],
  ["cheap", null],
  ["-1", null],
  ["11", null],
])('"%s" per GB is %s micro-units', (text, micro) => {
  expect(priceFrom(text)).toBe(micro);
});
