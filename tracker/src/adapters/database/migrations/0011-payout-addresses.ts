import { type Kysely, type Migration, sql } from "kysely";

/** Where each account was paid and from when on: what one address may claim is never given to the next. */
export const payoutAddresses: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("payout_address")
      .addColumn("account", "text", (column) => column.notNull().references("account.id"))
      .addColumn("turn", "bigint", (column) => column.notNull())
      .addColumn("address", "text", (column) => column.notNull())
      .addColumn("counts_from_ms", "bigint", (column) => column.notNull())
      .addColumn("credited_before", "bigint", (column) => column.check(sql`credited_before >= 0`))
      .addPrimaryKeyConstraint("payout_address_key", ["account", "turn"])
      .execute();
    // Which addresses came before was not kept: the one that is there has all that was posted, as it had until now.
    await sql`insert into payout_address
      select id, 1, payout_address, coalesce(payout_change_at_ms, 0), null
      from account where payout_address is not null`.execute(db);
    for (const column of ["payout_address", "payout_change_at_ms"])
      await db.schema.alterTable("account").dropColumn(column).execute();
  },
};
