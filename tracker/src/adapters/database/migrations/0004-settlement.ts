import type { Kysely, Migration } from "kysely";

/** What epochs are settled from, and what comes out. */
export const settlement: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("granted")
      .addColumn("id", "bytea", (column) => column.primaryKey())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("body", "bytea", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("granted_by_state").on("granted").columns(["state", "epoch"]).execute();
    await db.schema
      .createTable("statement")
      .addColumn("session", "bytea", (column) => column.notNull())
      .addColumn("seq", "bigint", (column) => column.notNull())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("sealed", "bytea", (column) => column.notNull())
      .addPrimaryKeyConstraint("statement_key", ["session", "seq"])
      .execute();
    await db.schema.createIndex("statement_of_epoch").on("statement").column("epoch").execute();
    await db.schema
      .createTable("segment_root")
      .addColumn("swarm", "bytea", (column) => column.notNull())
      .addColumn("segment", "text", (column) => column.notNull())
      .addColumn("root", "bytea", (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("segment_root_key", ["swarm", "segment"])
      .execute();
    await db.schema
      .createTable("swarm_epoch")
      .addColumn("swarm", "bytea", (column) => column.notNull())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("bitrate_bps", "bigint", (column) => column.notNull())
      .addColumn("watch_ms", "bigint", (column) => column.notNull())
      .addColumn("prefixes", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("swarm_epoch_key", ["swarm", "epoch"])
      .execute();
    await db.schema
      .createTable("egress_report")
      .addColumn("swarm", "bytea", (column) => column.notNull())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("publisher", "bytea", (column) => column.notNull())
      .addColumn("bytes", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("egress_report_key", ["swarm", "epoch", "publisher"])
      .execute();
    // What the tracker saw of a session so far, and its totals when it was last settled.
    await db.schema
      .createTable("session")
      .addColumn("key", "bytea", (column) => column.primaryKey())
      .addColumn("account", "bytea")
      .addColumn("watch_ms", "bigint", (column) => column.notNull())
      .addColumn("duty_bytes", "bigint", (column) => column.notNull())
      .addColumn("settled_watch_ms", "bigint", (column) => column.notNull())
      .addColumn("settled_cdn_bytes", "bigint", (column) => column.notNull())
      .addColumn("received_bytes", "bigint", (column) => column.notNull())
      .addColumn("served_bytes", "bigint", (column) => column.notNull())
      .addColumn("earned_bytes", "bigint", (column) => column.notNull())
      .addColumn("bought_bytes", "bigint", (column) => column.notNull())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .execute();
    // The key is a hash under a secret: who watched what cannot be read from it.
    await db.schema
      .createTable("paid_segment")
      .addColumn("key", "bytea", (column) => column.primaryKey())
      .addColumn("bytes", "bigint", (column) => column.notNull())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("paid_segment_by_epoch").on("paid_segment").column("epoch").execute();
    await db.schema
      .createTable("payout")
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("leaf", "bigint", (column) => column.notNull())
      .addColumn("account", "bytea", (column) => column.notNull())
      .addColumn("publisher", "bytea", (column) => column.notNull())
      .addColumn("paid", "bigint", (column) => column.notNull())
      .addColumn("record", "bytea", (column) => column.notNull())
      .addColumn("salt", "bytea", (column) => column.notNull())
      .addPrimaryKeyConstraint("payout_key", ["epoch", "leaf"])
      .execute();
    await db.schema.createIndex("payout_by_account").on("payout").columns(["account", "epoch"]).execute();
    await db.schema
      .createTable("settled")
      .addColumn("grant_id", "bytea", (column) => column.primaryKey())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("record", "bytea", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("settled_by_epoch").on("settled").column("epoch").execute();
    // Both papers that convict a downloader, whole and signed.
    await db.schema
      .createTable("lie")
      .addColumn("grant_id", "bytea", (column) => column.primaryKey())
      .addColumn("epoch", "bigint", (column) => column.notNull())
      .addColumn("downloader", "bytea", (column) => column.notNull())
      .addColumn("receipt", "bytea", (column) => column.notNull())
      .addColumn("statement", "bytea", (column) => column.notNull())
      .execute();
  },
};
