import { join } from "node:path";
import { Kysely } from "kysely";
import { migrateToLatest } from "./migrate.ts";
import { postgresDialect } from "./postgres.ts";
import type { Schema } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export type Database = Kysely<Schema>;

export type DatabaseKind = "sqlite" | "postgres";

/** The SQLite file of a data directory. */
export const sqliteFileOf = (dataDir: string) => join(dataDir, "tributary.sqlite");

export function databaseKindOf(location: string): DatabaseKind {
  return /^postgres(ql)?:\/\//.test(location) ? "postgres" : "sqlite";
}

/**
 * Opens the database and brings its tables up to date. Safe to call from several threads and processes at once.
 * A thread must not open one SQLite file twice: it would wait for itself. SQLite works synchronously, fsync included,
 * so no thread that serves sockets should hold one.
 * @param location a PostgreSQL URL, the path of a SQLite file, or ":memory:"
 * @throws Error in plain words where it cannot be opened or holds tables of a newer version.
 */
export async function openDatabase(location: string): Promise<Database> {
  const dialect =
    databaseKindOf(location) === "postgres" ? postgresDialect(location) : sqliteDialect(location);
  const database: Database = new Kysely<Schema>({ dialect });
  try {
    await migrateToLatest(database);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return database;
}
