import { parseArgs } from "node:util";

export interface CommandLine {
  readonly port: number;
  readonly help: boolean;
}

export const USAGE = `npm start -- [--port 8080]

The demo on this machine: sample streams, a tracker, and a page with several viewers of one stream.`;

const DEFAULT_PORT = 8080;

/** @throws Error with one line for the person at the keyboard. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (values.port === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port takes a number from 0 (any free port) to 65535, not "${values.port}"`);
  return { port, help: values.help ?? false };
}
