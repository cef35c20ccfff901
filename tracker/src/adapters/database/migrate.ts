import { Migrator, type Kysely } from "kysely";
import { MIGRATIONS } from "./migrations/index.ts";

/** Runs what is missing, all or nothing; processes that start together take turns. */
export async function migrateToLatest<Tables>(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const reason = error instanceof Error ? error.message : JSON.stringify(error);
  throw new Error(`the database's tables cannot be brought up to date: ${reason}`, { cause: error });
}
