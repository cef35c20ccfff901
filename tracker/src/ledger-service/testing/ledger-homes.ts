import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DatabaseKind, sqliteFileOf } from "../../adapters/database/open-database.ts";
import type { TestDatabases } from "../../adapters/database/testing/databases.ts";
import type { PostgresServer } from "../../adapters/database/testing/postgres-server.ts";
import type { Ledger } from "../contract.ts";
import { crashBeforeStep } from "./postgres-crashes.ts";
import { sqliteCrashes } from "./sqlite-crashes.ts";

/** Where a tracker keeps what it knows: the options of `openLedger`. */
export interface LedgerHome {
  readonly dataDir: string;
  readonly database: string;
}

/** What a crash at one moment leaves. */
export interface CrashImage {
  /** Before any of which the crash may have come: those between them changed nothing that lasts. */
  readonly steps: string[];
  readonly home: LedgerHome;
}

/** Homes on one kind of database, for `describe.each`. */
export interface LedgerHomes {
  readonly kind: DatabaseKind;
  create(): Promise<LedgerHome>;
  /** A backup of one that nobody has open. */
  copy(home: LedgerHome): Promise<LedgerHome>;
  /** What each crash in the middle of `work` leaves of a home that nobody has open. */
  crashImages(
    home: LedgerHome,
    open: (home: LedgerHome) => Promise<Ledger>,
    work: (ledger: Ledger) => Promise<unknown>,
  ): Promise<readonly CrashImage[]>;
  close(): Promise<void>;
}

export function ledgerHomes(databases: TestDatabases): LedgerHomes {
  const root = mkdtempSync(join(tmpdir(), "tributary-homes-"));
  let last = 0;
  const newFolder = () => join(root, String(++last));
  const of = databases.server === null ? onSqlite(newFolder) : onPostgres(databases.server, newFolder);
  return {
    ...of,
    kind: databases.kind,
    async close() {
      rmSync(root, { recursive: true, force: true });
      await databases.close();
    },
  };
}

type Homes = Omit<LedgerHomes, "kind" | "close">;

function onSqlite(newFolder: () => string): Homes {
  const homeIn = (dataDir: string): LedgerHome => ({ dataDir, database: sqliteFileOf(dataDir) });
  return {
    create: async () => homeIn(newFolder()),
    async copy({ dataDir }) {
      const folder = newFolder();
      cpSync(dataDir, folder, { recursive: true });
      return homeIn(folder);
    },
    async crashImages(home, open, work) {
      const ledger = await open(home);
      const images = await sqliteCrashes(home.dataDir, newFolder, () => work(ledger));
      await ledger.close();
      return images.map(({ steps, folder }) => ({ steps, home: homeIn(folder) }));
    },
  };
}

function onPostgres(server: PostgresServer, newFolder: () => string): Homes {
  const copy = async (home: LedgerHome): Promise<LedgerHome> => {
    const dataDir = newFolder();
    cpSync(home.dataDir, dataDir, { recursive: true });
    return { dataDir, database: await server.copyDatabase(home.database) };
  };
  return {
    create: async () => ({ dataDir: newFolder(), database: await server.createDatabase() }),
    copy,
    async crashImages(home, open, work) {
      const crashAt = async (at: number) => {
        const copied = await copy(home);
        const ledger = await open(copied);
        const steps = await crashBeforeStep(at, () => work(ledger));
        if (steps.length < at) await ledger.close();
        // What a transaction did that is open now goes with its connection.
        await server.cutConnections(copied.database);
        const content = `${await server.contentOf(copied.database)} ${filesIn(copied.dataDir)}`;
        return { steps, home: copied, content };
      };
      const whole = await crashAt(Number.MAX_SAFE_INTEGER);
      const crashes = new Map([
        [0, await crashAt(0)],
        [whole.steps.length, whole],
      ]);
      // What lasts is only ever added to: two crashes that leave the same do so with all between them.
      const crashBetween = async (first: number, last: number): Promise<void> => {
        if (last - first < 2 || crashes.get(first)!.content === crashes.get(last)!.content) return;
        const middle = Math.floor((first + last) / 2);
        crashes.set(middle, await crashAt(middle));
        await crashBetween(first, middle);
        await crashBetween(middle, last);
      };
      await crashBetween(0, whole.steps.length);
      const images: CrashImage[] = [];
      let known = "";
      for (const [at, step] of [...whole.steps, "nothing more"].entries()) {
        const left = crashes.get(at);
        if (left === undefined || left.content === known) {
          images.at(-1)!.steps.push(step);
          continue;
        }
        known = left.content;
        images.push({ steps: [step], home: left.home });
      }
      return images;
    },
  };
}

/** The same for the same files: unfinished ones have names of their own each time. */
function filesIn(folder: string): string {
  const hash = createHash("sha256");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  for (const path of paths) {
    hash.update(`${path.replace(/\.[0-9a-f]+\.draft$/, ".draft")}\0`);
    if (statSync(join(folder, path)).isFile()) hash.update(readFileSync(join(folder, path)));
  }
  return hash.digest("hex");
}
