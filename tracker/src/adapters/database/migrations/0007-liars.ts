import type { Kysely, Migration } from "kysely";

/** Whose escrow went for a lie: the session that tells it is forgotten after days. */
export const liars: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("lie").addColumn("account", "bytea").execute();
  },
};
