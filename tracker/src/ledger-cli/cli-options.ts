import { parseArgs } from "node:util";

export const USAGE = `Usage: npm run ledger -- COMMAND [flags]

  audit                        compute every epoch again: sums, trees, balances, log, published files
  verify PROOF.json            check a downloaded proof, offline
    --key KEY                  the log's key, from a source you trust (printed by "key"); required
  key                          print the log's key, for verifiers
  deposit --publisher NAME --micro AMOUNT --id ID
                               credit a publisher with money that came in; the same id counts once
  payout-address --account KEY --address 0x…
                               where an account is paid on chain, from 24 hours later on: until then, and for
                               what was posted by then, the address before it. The one that counts, set again,
                               calls a change off
  export --chain-id N --distributor 0x… --out FILE
                               what each address may claim in all, for @openzeppelin/merkle-tree

  --data ./data                the tracker's data directory
  --database LOCATION          a PostgreSQL URL or a SQLite file, where it is not in the data directory
  --log-name NAME              where the tracker was started with one
  --help

Exit codes: 0 all holds, 1 something does not, 2 the command line is wrong.
`;

const FLAGS = {
  data: { type: "string", default: "./data" },
  database: { type: "string" },
  "log-name": { type: "string" },
  key: { type: "string" },
  publisher: { type: "string" },
  micro: { type: "string" },
  id: { type: "string" },
  account: { type: "string" },
  address: { type: "string" },
  "chain-id": { type: "string" },
  distributor: { type: "string" },
  out: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** The command line's fault, in one line. */
export class WrongUsage extends Error {}

export interface LedgerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly dataDir: string;
  readonly database: string | undefined;
  readonly logName: string | undefined;
  /** A flag's value. @throws WrongUsage where it is missing or does not fit */
  flag(name: keyof typeof FLAGS, pattern: RegExp, expected: string): string;
}

/** @returns null for --help @throws WrongUsage */
export function parseLedgerCli(argv: readonly string[]): LedgerCommand | null {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return null;
  const [command, ...args] = positionals;
  if (command === undefined) throw new WrongUsage("expected a command; see --help");
  return {
    command,
    args,
    dataDir: values.data,
    database: values.database,
    logName: values["log-name"],
    flag(name, pattern, expected) {
      const value = values[name];
      if (typeof value === "string" && pattern.test(value)) return value;
      const got = value === undefined ? "it is missing" : `got ${JSON.stringify(value)}`;
      throw new WrongUsage(`--${name}: expected ${expected}, ${got}`);
    },
  };
}
