import { openDatabase, sqliteFileOf } from "../adapters/database/open-database.ts";
import { createPublisherRegistry } from "../adapters/database/publisher-registry.ts";
import type { PublisherRegistry } from "../core/publishers.ts";

export interface OpenPublishers {
  readonly registry: PublisherRegistry;
  close(): Promise<void>;
}

/**
 * The registry of a tracker, in `database` (a PostgreSQL URL or the path of a SQLite file) or else in `dataDir`;
 * without both it lives in memory only.
 * @throws Error in plain words where it cannot be opened
 */
export async function openPublishers(dataDir: string | null, database?: string): Promise<OpenPublishers> {
  const opened = await openDatabase(database ?? (dataDir === null ? ":memory:" : sqliteFileOf(dataDir)));
  return {
    registry: createPublisherRegistry(opened, Date.now),
    close: () => opened.destroy(),
  };
}
