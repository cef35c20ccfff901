import type { AccountKind } from "../../../ledger/accounts.ts";
import type { TransferCode, TransferState } from "../../../ledger/transfers.ts";

export interface AccountTable {
  id: string;
  kind: AccountKind;
  /** Ed25519, 32 bytes. */
  owner_key: Buffer | null;
  payout_address: string | null;
  payout_change_at_ms: bigint | null;
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

export interface AccountTables {
  account: AccountTable;
  transfer: TransferTable;
}
