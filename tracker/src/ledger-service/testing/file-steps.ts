import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

type Content = Uint8Array | string;

/** Is told of all that is done to files, before it is done. What it throws, the work meets instead. */
export interface FileWatcher {
  before(step: string): void;
  /** A file is about to be written. @param write leaves some content at a path, and tells nobody */
  beforeHalf(path: string, half: Content, write: (path: string, content: Content) => void): void;
}

/** Runs something that works in this thread. */
export async function watchingFiles(
  { before, beforeHalf }: FileWatcher,
  work: () => Promise<unknown>,
): Promise<void> {
  const { writeFileSync, renameSync, fsyncSync } = fs;
  fs.writeFileSync = ((path: string, content: Content, ...rest: never[]) => {
    before(`write ${basename(path)}`);
    beforeHalf(path, content.slice(0, content.length / 2), (at, half) => writeFileSync(at, half));
    writeFileSync(path, content, ...rest);
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
    Object.assign(fs, { writeFileSync, renameSync, fsyncSync });
    syncBuiltinESMExports();
  }
}
