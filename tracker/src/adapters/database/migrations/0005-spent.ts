import type { Kysely, Migration } from "kysely";

/** What was delivered for each publisher in an epoch: its page would else add up the payouts of all viewers. */
export const spent: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("spent")
      .addColumn("publisher", "bytea", (column) => column.notNull())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("bytes", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("spent_key", ["publisher", "epoch"])
      .execute();
  },
};
