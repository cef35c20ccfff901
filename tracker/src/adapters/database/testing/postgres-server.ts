import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

export interface PostgresServer {
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>;
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
  return {
    async createDatabase() {
      const name = `test_${++lastDatabase}`;
      await query(urlOf("postgres"), `create database ${name}`);
      return urlOf(name);
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
      return await query(url, "select 1");
    } catch (error) {
      if (server.exitCode !== null) throw new Error("PostgreSQL ended as it started", { cause: error });
      if (performance.now() > giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(text);
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
