import { PostgresDialect } from "kysely";
import pg from "pg";

const INT8_OID = 20;
const POOL_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;

type TypeParsers = NonNullable<pg.PoolConfig["types"]>;

/** PostgreSQL's own parser hands 64-bit integers out as text. */
const types: TypeParsers = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === INT8_OID && format !== "binary"
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(oid, format)) as TypeParsers["getTypeParser"],
};

/** @param url such as "postgres://user:password@host:5432/database" */
export function postgresDialect(url: string): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types,
  });
  // A connection lost while idle is replaced by the pool, and one lost within a transaction fails its next query;
  // without a listener both would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
}
