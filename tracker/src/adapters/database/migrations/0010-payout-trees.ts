import type { Kysely, Migration } from "kysely";

/** What all proofs of one epoch share: whoever asks for one would else have the whole tree hashed again. */
export const payoutTrees: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("payout_tree")
      .addColumn("epoch", "bigint", (column) => column.primaryKey())
      .addColumn("nodes", "bytea", (column) => column.notNull())
      .execute();
  },
};
