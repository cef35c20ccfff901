const NO_BREAK = "\u00a0";
const MICRO = 1_000_000n;

/** How many digits after the point a column needs so that its largest amount is readable. */
export function decimalsFor(largestMicro: bigint): number {
  if (largestMicro >= 100n * MICRO) return 2;
  return largestMicro >= MICRO ? 4 : 6;
}

/** Micro-units as dollars, rounded down: nobody is told more than there is. */
export function formatMoney(micro: bigint, decimals = decimalsFor(micro)): string {
  if (micro < 0n) return `−${formatMoney(-micro, decimals)}`;
  const whole = String(micro / MICRO).replace(/\B(?=(\d{3})+$)/g, ",");
  const part = String(micro % MICRO)
    .padStart(6, "0")
    .slice(0, decimals);
  return decimals === 0 ? `$${whole}` : `$${whole}.${part}`;
}

/** For one amount on its own: as few digits as say it. */
export function formatAmount(micro: bigint): string {
  return micro === 0n ? "$0" : formatMoney(micro, digitsFor(micro));
}

/** For amounts that are compared: all with as many digits as the smallest of them needs. */
export function formatTogether(...amounts: readonly bigint[]): string[] {
  const digits = Math.max(...amounts.map((micro) => (micro === 0n ? 2 : digitsFor(micro))));
  return amounts.map((micro) => formatMoney(micro, digits));
}

function digitsFor(micro: bigint): number {
  const size = micro < 0n ? -micro : micro;
  if (size >= MICRO) return 2;
  return size >= MICRO / 100n ? 4 : 6;
}

/** A price: no digits that say nothing. */
export function formatPrice(micro: bigint): string {
  return formatMoney(micro, 6).replace(/(\.\d\d\d*?)0+$/, "$1");
}

/** Decimal units, as CDN bills use them. */
export function formatBytes(bytes: bigint): string {
  const size = Number(bytes);
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let [scaled, unit] = [size, 0];
  while (scaled >= 999.5 && unit < units.length - 1) [scaled, unit] = [scaled / 1_000, unit + 1];
  const digits = unit < 2 || scaled >= 99.95 ? 0 : unit === 2 ? 1 : 2;
  return `${scaled.toFixed(digits)}${NO_BREAK}${units[unit]}`;
}

const DAY_MS = 86_400_000;

/** "14 days", "10 min", "30 s": the largest unit that says it exactly, or nearly. */
export function formatDuration(ms: number): string {
  for (const [unitMs, name] of [
    [DAY_MS, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
  ] as const)
    if (ms >= unitMs) return plural(Math.round(ms / unitMs), name);
  return plural(Math.round(ms / 1_000), "second");
}

export function plural(count: number, one: string): string {
  return `${count}${NO_BREAK}${one}${count === 1 ? "" : "s"}`;
}

/** An epoch's time in the reader's own zone, to the second where epochs are shorter than a minute. */
export function formatWhen(ms: number, epochMs: number): string {
  return new Intl.DateTimeFormat(undefined, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    ...(epochMs < 60_000 ? { second: "2-digit" } : {}),
  }).format(ms);
}

/** Zeros stand for the publishers of an open tracker. */
const NOBODY = "A".repeat(22);

export function publisherName(id: string): string {
  return id === NOBODY ? "open tracker" : `${id.slice(0, 8)}…`;
}
