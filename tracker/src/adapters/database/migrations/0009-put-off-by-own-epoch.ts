import type { Kysely, Migration } from "kysely";

/** What was put off is paid by the figures of its own epoch, less what was paid by them before. */
export const putOffByOwnEpoch: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable("swarm_epoch")
      .addColumn("paid_bytes", "bigint", (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
