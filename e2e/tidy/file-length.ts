import { isAmbient, isCode, isTestCode, type Check } from "./source-file.ts";

const SOURCE_LINES_MAX = 300;
const TEST_LINES_MAX = 500;

/** Paths that may be longer, each with the reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map();

/** A file that outgrows this holds more than one thing. */
export const fileLength: Check = (files) =>
  files.flatMap((file) => {
    if (!isCode(file.path) || isAmbient(file.path) || EXCEPTIONS.has(file.path)) return [];
    const lines = file.text.trimEnd().split("\n").length;
    const linesMax = isTestCode(file.path) ? TEST_LINES_MAX : SOURCE_LINES_MAX;
    return lines > linesMax ? [{ path: file.path, reason: `${lines} lines, at most ${linesMax}` }] : [];
  });
