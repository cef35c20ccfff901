import { createHash } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename, join } from "node:path";
import SqliteDatabase from "better-sqlite3";

/** What a data directory would be after a crash at this moment. */
export interface CrashImage {
  /** Before any of which the crash may have come: those between them changed nothing on disk. */
  readonly steps: string[];
  readonly folder: string;
}

type Prepare = typeof SqliteDatabase.prototype.prepare;

/**
 * Runs something that works in this thread, and keeps a copy of the data directory from before each of its steps: every
 * SQL statement, COMMIT among them, and everything that is done to a file. Files are also caught half-written.
 */
export async function crashImages(
  dataDir: string,
  into: string,
  work: () => Promise<unknown>,
): Promise<readonly CrashImage[]> {
  const images: CrashImage[] = [];
  let known = "";
  const copyTo = (folder: string) =>
    // SQLite makes its index of the WAL again after a crash.
    fs.cpSync(dataDir, folder, { recursive: true, filter: (path) => !path.endsWith("-shm") });
  const before = (step: string) => {
    const content = contentOf(dataDir);
    if (content === known) return void images.at(-1)?.steps.push(step);
    known = content;
    const folder = join(into, String(images.length));
    copyTo(folder);
    images.push({ steps: [step], folder });
  };
  const halfWritten = (path: string, data: Uint8Array | string) => {
    const folder = join(into, String(images.length));
    copyTo(folder);
    writeFileSync(join(folder, path.slice(dataDir.length)), data.slice(0, data.length / 2));
    images.push({ steps: [`half of ${basename(path)}`], folder });
  };

  const { prepare } = SqliteDatabase.prototype;
  const { writeFileSync, renameSync, fsyncSync } = fs;
  SqliteDatabase.prototype.prepare = function (this: SqliteDatabase.Database, source: string) {
    before(source.slice(0, 40));
    return prepare.call(this, source);
  } as Prepare;
  fs.writeFileSync = ((path: string, data: Uint8Array | string, ...rest: never[]) => {
    before(`write ${basename(path)}`);
    halfWritten(path, data);
    writeFileSync(path, data, ...rest);
  }) as typeof writeFileSync;
  fs.renameSync = (from, to) => {
    before(`rename to ${basename(String(to))}`);
    renameSync(from, to);
  };
  fs.fsyncSync = (descriptor) => {
    before("fsync");
    fsyncSync(descriptor);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    SqliteDatabase.prototype.prepare = prepare;
    Object.assign(fs, { writeFileSync, renameSync, fsyncSync });
    syncBuiltinESMExports();
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
