import { basename } from "node:path";
import pg from "pg";
import { type FileWatcher, watchingFiles } from "./file-steps.ts";

/** The process is dead. */
class Crashed extends Error {}

/**
 * Runs something that works in this thread until it is about to take its step number `at`, and then lets nothing more of
 * it reach the database or a file, as if the process had been killed: a statement to PostgreSQL is a step, COMMIT among
 * them, and everything that is done to a file. Writing half of a file is a step too.
 * @returns the steps before, and the one that it did not take; as many as there are where they are fewer
 */
export async function crashBeforeStep(at: number, work: () => Promise<unknown>): Promise<string[]> {
  const steps: string[] = [];
  /** True where the crash comes now. */
  const reach = (step: string) => {
    if (steps.length > at) throw new Crashed();
    steps.push(step);
    return steps.length > at;
  };
  const before = (step: string) => {
    if (reach(step)) throw new Crashed();
  };

  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    before(String(args[0]).slice(0, 40));
    return (query as (...args: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  try {
    const watcher: FileWatcher = {
      before,
      beforeHalf(path, half, write) {
        if (!reach(`half of ${basename(path)}`)) return;
        write(path, half);
        throw new Crashed();
      },
    };
    await watchingFiles(watcher, work).catch((error: unknown) => {
      if (!(error instanceof Crashed)) throw error;
    });
  } finally {
    pg.Client.prototype.query = query;
  }
  return steps;
}
