import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

export interface PostgresServer {
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** A copy of one that nobody is connected to. */
  copyDatabase(url: string): Promise<string>;
  /** Ends all connections to a database and what they had begun, as if those at the other end had died. */
  cutConnections(url: string): Promise<void>;
  /** The same text for the same rows. The name of whoever may settle does not count: each process makes up its own. */
  contentOf(url: string): Promise<string>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;

/**
 * A real PostgreSQL on a free port of loopback, in a folder of its own that goes with it.
 * @returns the reason in plain words where this machine cannot run one.
 */
export async function startPostgres(): Promise<PostgresServer | string> {
  const folder = findPostgres();
  if (folder === null)
    return "no PostgreSQL is installed, and it could not be installed here (that needs root and apt)";
  const owner = unprivilegedOwner();
  if (owner === null) return "PostgreSQL does not run as root, and this machine has no user postgres";

  const data = mkdtempSync(join(tmpdir(), "tributary-postgres-"));
  if (owner !== undefined) chownSync(data, owner.uid, owner.gid);
  execFileSync(join(folder, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"], {
    ...owner,
    cwd: data,
    stdio: "ignore",
    env: { ...process.env, LC_ALL: "C" },
  });
  const port = await freePort();
  const options = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-k", data, "-F"];
  const server = spawn(join(folder, "postgres"), options, { ...owner, cwd: data, stdio: "ignore" });
  const killAtExit = () => server.kill("SIGQUIT");
  process.once("exit", killAtExit);
  const urlOf = (name: string) => `postgres://postgres@127.0.0.1:${port}/${name}`;
  const stop = async () => {
    process.removeListener("exit", killAtExit);
    await ended(server, "SIGQUIT");
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await untilReady(server, urlOf("postgres"));
  } catch (error) {
    await stop();
    throw error;
  }
  let lastDatabase = 0;
  const create = async (template: string) => {
    const name = `test_${++lastDatabase}`;
    await query(urlOf("postgres"), `create database ${name} template ${template}`);
    return urlOf(name);
  };
  const nameIn = (url: string) => url.slice(url.lastIndexOf("/") + 1);
  return {
    createDatabase: () => create("template1"),
    copyDatabase: (url) => create(nameIn(url)),
    async cutConnections(url) {
      const of = `from pg_stat_activity where datname = '${nameIn(url)}'`;
      const cut = `select pg_terminate_backend(pid, ${READY_TIMEOUT_MS}) as is_cut ${of}`;
      const rows = await query<{ is_cut: boolean }>(urlOf("postgres"), cut);
      if (!rows.every(({ is_cut }) => is_cut)) throw new Error("a connection to PostgreSQL cannot be cut");
    },
    async contentOf(url) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const tables = await client.query<{ name: string }>(
        "select tablename as name from pg_tables where schemaname = 'public' order by 1",
      );
      const each = tables.rows.map(
        ({ name }) => `select '${name}' || (to_jsonb(one) - 'holder')::text as row from ${name} one`,
      );
      const { rows } = await client.query<{ row: string }>(`${each.join(" union all ")} order by 1`);
      await client.end();
      return rows.map(({ row }) => row).join("\n");
    },
    stop,
  };
}

/** The folder of PostgreSQL's programs. */
export function findPostgres(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return (
    folders.find((folder) => ["initdb", "postgres"].every((name) => existsSync(join(folder, name)))) ?? null
  );
}

/** Undefined: this user will do. Null: this is root, and there is nobody to run as. */
function unprivilegedOwner(): { uid: number; gid: number } | undefined | null {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => spawnSync("id", [flag, "postgres"], { encoding: "utf8" });
  const [uid, gid] = [idOf("-u"), idOf("-g")];
  if (uid.status !== 0 || gid.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  const giveUpAtMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      await query(url, "select 1");
      return;
    } catch (error) {
      if (server.exitCode !== null) throw new Error("PostgreSQL ended as it started", { cause: error });
      if (performance.now() > giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  }
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end().catch(() => undefined);
  }
}

function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once("exit", () => resolve());
    server.kill(signal);
  });
}
