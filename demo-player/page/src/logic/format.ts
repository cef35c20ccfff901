const NO_BREAK = "\u00a0";
const NONE = "–";

/** Decimal units, as CDN bills use them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)}${NO_BREAK}B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)}${NO_BREAK}kB`;
  if (bytes < 999_950_000) return `${(bytes / 1_000_000).toFixed(1)}${NO_BREAK}MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)}${NO_BREAK}GB`;
}

/** Rounds down near the top: 100 % is said only where nothing at all is missing. */
export function formatPercent(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return NONE;
  const clamped = Math.min(1, Math.max(0, ratio));
  const percent = clamped < 1 ? Math.min(99, Math.round(clamped * 100)) : 100;
  return `${percent}${NO_BREAK}%`;
}

export function formatRate(bitsPerSecond: number): string {
  if (bitsPerSecond < 500) return `0${NO_BREAK}Mbit/s`;
  if (bitsPerSecond < 999_500) return `${Math.round(bitsPerSecond / 1_000)}${NO_BREAK}kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)}${NO_BREAK}Mbit/s`;
}

export function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(1)}${NO_BREAK}s`;
}

export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return NONE;
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count}${NO_BREAK}${count === 1 ? one : many}`;
}
