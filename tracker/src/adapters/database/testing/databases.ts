import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseKind } from "../open-database.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

/** One kind of database that this machine can run, for `describe.each`. */
export interface TestDatabases {
  readonly kind: DatabaseKind;
  /** The location of a new, empty database. */
  create(): Promise<string>;
  /** Null: these are files. */
  readonly server: PostgresServer | null;
  /** Removes all that was created. */
  close(): Promise<void>;
}

/**
 * SQLite and PostgreSQL. On a machine that cannot run PostgreSQL a line says that its tests are left out.
 * @throws Error where the environment variable CI is set: who reads there that all is green takes it for all
 */
export async function everyDatabase(start = startPostgres): Promise<TestDatabases[]> {
  const postgres = await start();
  if (typeof postgres !== "string") return [sqliteFiles(), postgresDatabases(postgres)];
  if (process.env["CI"]) throw new Error(`Tests on PostgreSQL cannot run: ${postgres}.`);
  console.warn(`Tests on PostgreSQL are left out: ${postgres}.`);
  return [sqliteFiles()];
}

export function sqliteFiles(): TestDatabases {
  const folder = mkdtempSync(join(tmpdir(), "tributary-sqlite-"));
  let last = 0;
  return {
    kind: "sqlite",
    server: null,
    create: async () => join(folder, `${++last}.sqlite`),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function postgresDatabases(server: PostgresServer): TestDatabases {
  return { kind: "postgres", server, create: () => server.createDatabase(), close: () => server.stop() };
}
