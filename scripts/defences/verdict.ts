import type { FileResult } from "./run-tests.ts";

export interface Verdict {
  /** The attack's test passes with the defence and fails without it. */
  readonly ok: boolean;
  /** For the table. */
  readonly text: string;
}

/** @param on the file's result as the source is; @param off with the defence switched off */
export function verdictOf(test: string, on: FileResult, off: FileResult): Verdict {
  const isIt = (title: string) => title.includes(test);
  if (on.failed.some(isIt)) return { ok: false, text: "FAILS WITH ITS DEFENCE" };
  if (!on.passed.some(isIt)) return { ok: false, text: "NO SUCH TEST RAN" };
  if (!off.failed.some(isIt))
    return {
      ok: false,
      text: off.passed.some(isIt) ? "PASSES WITHOUT ITS DEFENCE" : "DID NOT RUN WITHOUT IT",
    };
  const others = off.failed.filter((title) => !isIt(title)).length;
  return { ok: true, text: others === 0 ? "fails, alone" : `fails, and ${others} more of its file` };
}
