import type { AccountTables } from "./tables/accounts.ts";
import type { LogTables } from "./tables/log.ts";
import type { PublisherTables } from "./tables/publishers.ts";
import type { SettlementTables } from "./tables/settlement.ts";

/**
 * The tables as queries see them. Integers are bigint on both databases, bytes are Buffers, and there are no
 * booleans: SQLite has none.
 */
export type Schema = AccountTables & LogTables & PublisherTables & SettlementTables;
