import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import SqliteDatabase from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";

/** How long a writer waits for another process's transaction before it fails. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * One file, safe against power loss: with synchronous=FULL a commit in WAL mode returns after fsync.
 * @throws Error naming `path` where it cannot be opened or is no SQLite database.
 */
export function sqliteDialect(path: string): SqliteDialect {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  let database: SqliteDatabase.Database | null = null;
  try {
    database = new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
  } catch (error) {
    database?.close();
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
  // Numbers would lose what is beyond 2^53.
  database.defaultSafeIntegers(true);
  return new ImmediateSqliteDialect({ database });
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#config);
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  /** Takes the write lock at once: one that reads first and writes later fails if another process wrote between. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

/** Migrations run in one transaction, so that two processes that start together take turns. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
