import type { AccountKind } from "../../../ledger/accounts.ts";
import type { TransferCode, TransferState } from "../../../ledger/transfers.ts";

export interface AccountTable {
  id: string;
  kind: AccountKind;
  /** Ed25519, 32 bytes. */
  owner_key: Buffer | null;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
}

export interface TransferTable {
  id: string;
  debit: string;
  credit: string;
  amount: bigint;
  epoch: bigint;
  code: TransferCode;
  pending_id: string | null;
  state: TransferState;
}

/** An address that an account is, was or will be paid to. */
export interface PayoutAddressTable {
  account: string;
  /** Counts an account's addresses in the order in which they were set. */
  turn: bigint;
  /** In small letters. */
  address: string;
  counts_from_ms: bigint;
  /** What was posted to the account when this address came into force; null until then. Never changed afterwards. */
  credited_before: bigint | null;
}

export interface AccountTables {
  account: AccountTable;
  payout_address: PayoutAddressTable;
  transfer: TransferTable;
}
