import { parseArgs, type ParseArgsConfig } from "node:util";

/** The flags of a command that measures; a wrong one ends the process with one line, as everywhere else. */
export function readFlags<T extends NonNullable<ParseArgsConfig["options"]>>(command: string, options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${command}: ${(error as Error).message.split(/\n|\. /)[0]}\n`);
    process.exit(2);
  }
}
