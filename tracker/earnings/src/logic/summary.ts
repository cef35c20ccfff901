import type { Charge, Earning } from "../ledger-api.ts";

export interface EarningsSummary {
  readonly postedMicro: bigint;
  readonly pendingMicro: bigint;
  readonly servedBytes: bigint;
  readonly epochCount: number;
}

export function summaryOf(earnings: readonly Earning[]): EarningsSummary {
  const paid = (state: Earning["state"]) =>
    earnings.reduce((sum, earning) => (earning.state === state ? sum + earning.paidMicro : sum), 0n);
  return {
    postedMicro: paid("posted"),
    pendingMicro: paid("pending"),
    servedBytes: earnings.reduce((sum, { bytes }) => sum + bytes, 0n),
    epochCount: new Set(earnings.map(({ epoch }) => epoch)).size,
  };
}

const GB = 1_000_000_000n;

/** What a CDN takes for so many bytes, rounded down. */
export function cdnCost(bytes: bigint, microPerGb: bigint): bigint {
  return (bytes * microPerGb) / GB;
}

export interface SpendingSummary {
  readonly chargedMicro: bigint;
  readonly cdnMicro: bigint;
  readonly savedMicro: bigint;
  readonly bytes: bigint;
}

/** Over the epochs whose bytes are known: a comparison needs both sides. */
export function spendingSummaryOf(charges: readonly Charge[], cdnMicroPerGb: bigint): SpendingSummary {
  const known = charges.filter(({ bytes }) => bytes !== null);
  const chargedMicro = known.reduce((sum, charge) => sum + charge.chargedMicro, 0n);
  const bytes = known.reduce((sum, charge) => sum + charge.bytes!, 0n);
  const cdnMicro = cdnCost(bytes, cdnMicroPerGb);
  return { chargedMicro, cdnMicro, savedMicro: cdnMicro - chargedMicro, bytes };
}

/** Dollars as somebody typed them, in micro-units; null where it is no price. */
export function priceFrom(text: string): bigint | null {
  const dollars = Number(text.replace(",", "."));
  if (text.trim() === "" || !(dollars >= 0) || dollars > 10) return null;
  return BigInt(Math.round(dollars * 1_000_000));
}
