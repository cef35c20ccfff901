import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const CHECKPOINT = "checkpoint";

/** The published log: files that any web server can serve, in the layout of c2sp.org/tlog-tiles. */
export interface LogFiles {
  /** The checkpoint's note; null where none is published yet. */
  readCheckpoint(): string | null;
  /** When it returns, the file is whole and survives a loss of power. */
  write(path: string, bytes: Uint8Array): void;
  /** To be written when all the tiles that it needs are. */
  writeCheckpoint(note: string): void;
}

export function openLogFiles(folder: string): LogFiles {
  const write = (path: string, bytes: Uint8Array | string) => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    const draft = `${target}.${randomBytes(6).toString("hex")}.draft`;
    writeFileSync(draft, bytes, { flush: true, flag: "wx" });
    renameSync(draft, target);
    syncFolder(dirname(target));
  };
  return {
    readCheckpoint() {
      try {
        return readFileSync(join(folder, CHECKPOINT), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    write,
    writeCheckpoint: (note) => write(CHECKPOINT, note),
  };
}

/** A rename lasts when its folder is on disk. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
