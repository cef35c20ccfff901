export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Rounds to what is worth printing, so that reports of equal runs are equal texts. */
export function round(value: number, digits = 4): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

export function spreadOf(values: Iterable<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return { mean: 0, p50: 0, p95: 0, max: 0 };
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    mean: round(sum / sorted.length),
    p50: round(quantile(sorted, 0.5)),
    p95: round(quantile(sorted, 0.95)),
    max: round(sorted.at(-1)!),
  };
}

/** Of values in order. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/** 0 where all have the same, near 1 where one has everything. */
export function giniOf(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  let weighted = 0;
  sorted.forEach((value, index) => (weighted += (2 * (index + 1) - sorted.length - 1) * value));
  return round(weighted / (sorted.length * sum));
}
