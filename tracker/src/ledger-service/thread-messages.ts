import type { Ledger } from "./contract.ts";

/** What crosses between the threads. */
export interface Call {
  readonly id: number;
  readonly method: Exclude<keyof Ledger, "logKey" | "terms">;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }
  | { readonly ready: true; readonly facts: Pick<Ledger, "logKey" | "terms"> }
  | { readonly ready: false; readonly message: string };
