export interface MeanInterval {
  readonly mean: number;
  /** The mean's 95 % interval reaches so far to both sides. */
  readonly halfWidth: number;
}

/** By Student's t, for at least five values. @throws RangeError for fewer */
export function meanInterval(values: readonly number[]): MeanInterval {
  if (values.length < 5) throw new RangeError(`expected at least 5 values, got ${values.length}`);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, halfWidth: studentT(values.length - 1) * Math.sqrt(variance / values.length) };
}

/** The 97.5 % quantile, by the series of Abramowitz and Stegun 26.7.5: right to 0.01 from four degrees of freedom on. */
function studentT(freedom: number): number {
  const z = 1.959964;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((sum, term, power) => sum + term / freedom ** power, 0);
}
