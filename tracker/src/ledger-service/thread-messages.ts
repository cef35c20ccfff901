import type { Ledger } from "./contract.ts";

/** What is known from the beginning, and stays. */
export type LedgerFacts = Pick<Ledger, "logKey" | "terms" | "openedMs">;

/** What crosses between the threads. */
export interface Call {
  readonly id: number;
  readonly method: Exclude<keyof Ledger, keyof LedgerFacts | "record"> | "recordAll";
  readonly args: readonly unknown[];
}

/** What became of each of the batches that are recorded together. */
export type Recorded =
  | { readonly ok: true; readonly taken: readonly boolean[] }
  | { readonly ok: false; readonly message: string };

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }
  | { readonly ready: true; readonly facts: LedgerFacts }
  | { readonly ready: false; readonly message: string };
