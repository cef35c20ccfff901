import { createHash } from "node:crypto";
import fs from "node:fs";
import { basename, join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { type FileWatcher, watchingFiles } from "./file-steps.ts";

/** A data directory as a crash at this moment would leave it. */
export interface FolderImage {
  readonly steps: string[];
  readonly folder: string;
}

type Prepare = typeof SqliteDatabase.prototype.prepare;

/**
 * Runs something that works in this thread, and keeps a copy of the data directory from before each of its steps: every
 * SQL statement, COMMIT among them, and everything that is done to a file. Files are also caught half-written.
 */
export async function sqliteCrashes(
  dataDir: string,
  newFolder: () => string,
  work: () => Promise<unknown>,
): Promise<readonly FolderImage[]> {
  const images: FolderImage[] = [];
  let known = "";
  const copied = () => {
    const folder = newFolder();
    // SQLite makes its index of the WAL again after a crash.
    fs.cpSync(dataDir, folder, { recursive: true, filter: (path) => !path.endsWith("-shm") });
    return folder;
  };
  const before = (step: string) => {
    const content = contentOf(dataDir);
    if (content === known) return void images.at(-1)?.steps.push(step);
    known = content;
    images.push({ steps: [step], folder: copied() });
  };

  const { prepare } = SqliteDatabase.prototype;
  SqliteDatabase.prototype.prepare = function (this: SqliteDatabase.Database, source: string) {
    before(source.slice(0, 40));
    return prepare.call(this, source);
  } as Prepare;
  try {
    const watcher: FileWatcher = {
      before,
      beforeHalf(path, half, write) {
        const folder = copied();
        write(join(folder, path.slice(dataDir.length)), half);
        images.push({ steps: [`half of ${basename(path)}`], folder });
      },
    };
    await watchingFiles(watcher, work);
  } finally {
    SqliteDatabase.prototype.prepare = prepare;
  }
  before("nothing more");
  return images;
}

function contentOf(folder: string): string {
  const hash = createHash("sha256");
  const paths = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  for (const path of paths.filter((one) => !one.endsWith("-shm"))) {
    hash.update(`${path}\0`);
    if (fs.statSync(join(folder, path)).isFile()) hash.update(fs.readFileSync(join(folder, path)));
  }
  return hash.digest("hex");
}
