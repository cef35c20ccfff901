import type { Kysely, Migration } from "kysely";

/** Settled epochs, and the public log that they are the entries of. */
export const log: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("epoch")
      .addColumn("n", "bigint", (column) => column.primaryKey())
      // Its place in the log.
      .addColumn("entry", "bigint", (column) => column.notNull().unique())
      .addColumn("record", "bytea", (column) => column.notNull())
      .addColumn("parameters", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("log_node")
      .addColumn("level", "bigint", (column) => column.notNull())
      .addColumn("position", "bigint", (column) => column.notNull())
      .addColumn("hash", "bytea", (column) => column.notNull())
      .addPrimaryKeyConstraint("log_node_key", ["level", "position"])
      .execute();
    // One row per size: there can never be two signed roots of one size.
    await db.schema
      .createTable("checkpoint")
      .addColumn("size", "bigint", (column) => column.primaryKey())
      .addColumn("root", "bytea", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("settler")
      .addColumn("id", "bigint", (column) => column.primaryKey())
      .addColumn("fence", "bigint", (column) => column.notNull())
      .addColumn("holder", "text", (column) => column.notNull())
      .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
      .execute();
  },
};
