import { type Kysely, type Migration, sql } from "kysely";

/** A segment id may stand for several resources: whoever has the root of one computed first takes the id from none. */
export const rivalRoots: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("segment_root").renameTo("first_root").execute();
    await db.schema
      .createTable("segment_root")
      .addColumn("swarm", "bytea", (column) => column.notNull())
      .addColumn("segment", "text", (column) => column.notNull())
      .addColumn("root", "bytea", (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("segment_rival_root_key", ["swarm", "segment", "root"])
      .execute();
    await sql`insert into segment_root select swarm, segment, root, size_bytes from first_root`.execute(db);
    await db.schema.dropTable("first_root").execute();
  },
};
