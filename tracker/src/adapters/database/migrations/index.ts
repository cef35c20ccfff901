import type { Migration } from "kysely";
import { accounts } from "./0001-accounts.ts";
import { log } from "./0002-log.ts";
import { publishers } from "./0003-publishers.ts";
import { settlement } from "./0004-settlement.ts";
import { spent } from "./0005-spent.ts";
import { rivalRoots } from "./0006-rival-roots.ts";
import { liars } from "./0007-liars.ts";
import { transfersOfAccounts } from "./0008-transfers-of-accounts.ts";
import { putOffByOwnEpoch } from "./0009-put-off-by-own-epoch.ts";
import { payoutTrees } from "./0010-payout-trees.ts";
import { payoutAddresses } from "./0011-payout-addresses.ts";

/**
 * All changes of the tables, in the order of their names, for SQLite and PostgreSQL alike. To add one: a new file
 * with the next number, and its line here. One that has landed is never edited.
 *
 * Column types that mean the same on both: `bigint` (a JavaScript bigint), `bytea` (a Buffer) and `text`.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-accounts": accounts,
  "0002-log": log,
  "0003-publishers": publishers,
  "0004-settlement": settlement,
  "0005-spent": spent,
  "0006-rival-roots": rivalRoots,
  "0007-liars": liars,
  "0008-transfers-of-accounts": transfersOfAccounts,
  "0009-put-off-by-own-epoch": putOffByOwnEpoch,
  "0010-payout-trees": payoutTrees,
  "0011-payout-addresses": payoutAddresses,
};
