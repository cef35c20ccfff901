import { parseArgs } from "node:util";

type Flag = { readonly type: "string"; readonly default?: string };
type Values<T> = { [K in keyof T]: T[K] extends { readonly default: string } ? string : string | undefined };

/** The flags of a command that measures; a wrong one ends the process with one line, as everywhere else. */
export function readFlags<T extends Readonly<Record<string, Flag>>>(command: string, options: T): Values<T> {
  try {
    return parseArgs({ options }).values as unknown as Values<T>;
  } catch (error) {
    process.stderr.write(`${command}: ${(error as Error).message.split(/\n|\. /)[0]}\n`);
    process.exit(2);
  }
}
