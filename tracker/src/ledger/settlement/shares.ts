/**
 * Scales amounts down so that together they keep within a limit, in proportion and rounded down. What already keeps
 * within it stays as it is.
 */
export function proRata(amounts: readonly number[], limit: number): number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total <= limit) return [...amounts];
  if (limit <= 0) return amounts.map(() => 0);
  return amounts.map((amount) => Number((BigInt(amount) * BigInt(limit)) / BigInt(total)));
}

const GB = 1_000_000_000n;

/** Micro-units for so many bytes, rounded down. */
export function priceOf(bytes: number | bigint, perGb: number): bigint {
  return (BigInt(bytes) * BigInt(perGb)) / GB;
}

/** The most bytes that cost no more than `amount`. */
export function bytesFor(amount: bigint, perGb: number): number {
  if (perGb === 0) return Number.MAX_SAFE_INTEGER;
  const bytes = (amount * GB) / BigInt(perGb);
  return bytes > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(bytes);
}

/** Bytes of media that play in `ms`, rounded down. */
export function playedBytes(bitrateBps: number, ms: number): number {
  return Math.floor((bitrateBps / 8_000) * ms);
}
