import { type Kysely, type Migration } from "kysely";

/** Who may mint tokens, and which session key brought each token that has not expired. */
export const publishers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("publisher")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("id", "bytea", (column) => column.notNull().unique())
      .addColumn("created_at_ms", "bigint", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("publisher_key")
      .addColumn("publisher", "text", (column) =>
        column.notNull().references("publisher.name").onDelete("cascade"),
      )
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("public_key", "text", (column) => column.notNull())
      .addColumn("added_at_ms", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("publisher_key_once", ["publisher", "id"])
      .execute();
    await db.schema
      .createTable("publisher_origin")
      .addColumn("publisher", "text", (column) =>
        column.notNull().references("publisher.name").onDelete("cascade"),
      )
      .addColumn("origin", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("publisher_origin_once", ["publisher", "origin"])
      .execute();
    // Outlives its publisher: one that is registered again must not make old tokens new.
    await db.schema
      .createTable("token_use")
      .addColumn("publisher", "text", (column) => column.notNull())
      .addColumn("token_id", "text", (column) => column.notNull())
      .addColumn("key_thumbprint", "text", (column) => column.notNull())
      .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("token_use_once", ["publisher", "token_id"])
      .execute();
    await db.schema.createIndex("token_use_by_expiry").on("token_use").column("expires_at_ms").execute();
  },
};
