import { formatBytes } from "./format.ts";

/** What the tracker's ledger says of one account and epoch. */
export interface Earning {
  readonly epoch: number;
  /** Whole numbers as text; `paidMicro` in millionths of a dollar. */
  readonly bytes: string;
  readonly paidMicro: string;
  /** Null: too little for a transfer. */
  readonly state: "pending" | "posted" | "voided" | null;
}

export interface Terms {
  readonly epochMs: number;
  readonly graceMs: number;
}

export interface Earned {
  readonly amount: string;
  readonly words: string;
}

const MICRO = 1_000_000;

/** @param firstMs since when the account is known, Unix time as are the epochs. */
export function describeEarned(
  earnings: readonly Earning[],
  { epochMs, graceMs }: Terms,
  firstMs: number,
  nowMs: number,
): Earned {
  const paid = earnings.filter(({ state }) => state === "pending" || state === "posted");
  const sum = (values: readonly string[]) => values.reduce((total, value) => total + Number(value), 0);
  const microOf = (rows: readonly Earning[]) => sum(rows.map(({ paidMicro }) => paidMicro));
  const total = microOf(paid);
  if (total === 0) {
    const dueMs = (Math.floor(firstMs / epochMs) + 1) * epochMs + graceMs;
    const waitS = Math.ceil((dueMs - nowMs) / 1_000);
    const when = waitS > 0 ? `in about ${waitS}\u00a0s` : "in a moment";
    const rule = `An epoch of ${seconds(epochMs)} is settled ${seconds(graceMs)} after its close`;
    return { amount: "$0", words: `earned by the viewers so far. ${rule}: the first one ${when}.` };
  }
  const pending = microOf(paid.filter(({ state }) => state === "pending"));
  const served = formatBytes(sum(paid.map(({ bytes }) => bytes)));
  const rest =
    pending === 0
      ? "all of it final"
      : pending === total
        ? "still pending"
        : `${dollars(pending)} still pending`;
  return { amount: dollars(total), words: `of play money earned by serving ${served}, ${rest}.` };
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)}\u00a0s`;

/** With the millionths, of which a demo is made. */
function dollars(micro: number): string {
  return `$${(micro / MICRO).toFixed(micro < MICRO ? 6 : 2)}`;
}
