import { sql, type Kysely, type Migration } from "kysely";

/** Accounts with their running balances, and the transfers that made them. */
export const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("account")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("kind", "text", (column) =>
        column.notNull().check(sql`kind in ('publisher', 'peer', 'hunter', 'escrow', 'treasury', 'burn')`),
      )
      .addColumn("owner_key", "bytea")
      .addColumn("payout_address", "text")
      .addColumn("payout_change_at_ms", "bigint")
      .addColumn("debits_pending", "bigint", (column) => column.notNull().check(sql`debits_pending >= 0`))
      .addColumn("debits_posted", "bigint", (column) => column.notNull().check(sql`debits_posted >= 0`))
      .addColumn("credits_pending", "bigint", (column) => column.notNull().check(sql`credits_pending >= 0`))
      .addColumn("credits_posted", "bigint", (column) => column.notNull().check(sql`credits_posted >= 0`))
      // Only the treasury stands for money outside, and may owe it.
      .addCheckConstraint(
        "account_is_covered",
        sql`kind = 'treasury' or credits_posted >= debits_posted + debits_pending`,
      )
      .execute();
    await db.schema
      .createTable("transfer")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("debit", "text", (column) => column.notNull().references("account.id"))
      .addColumn("credit", "text", (column) => column.notNull().references("account.id"))
      .addColumn("amount", "bigint", (column) => column.notNull().check(sql`amount > 0`))
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("code", "text", (column) => column.notNull())
      // The pending transfer that this one posts or voids. Unique: resolved at most once.
      .addColumn("pending_id", "text", (column) => column.unique().references("transfer.id"))
      .addColumn("state", "text", (column) =>
        column.notNull().check(sql`state in ('pending', 'posted', 'voided')`),
      )
      .addCheckConstraint("transfer_between_two", sql`debit <> credit`)
      .addCheckConstraint("transfer_pending_is_first", sql`state <> 'pending' or pending_id is null`)
      .addCheckConstraint("transfer_void_is_of_pending", sql`state <> 'voided' or pending_id is not null`)
      .execute();
    await db.schema.createIndex("transfer_of_epoch").on("transfer").columns(["epoch", "code"]).execute();
  },
};
