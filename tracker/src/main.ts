import { parseCli, USAGE } from "./cli-options.ts";
import { folderTrouble } from "./folder-trouble.ts";
import { startTracker, type Tracker, type TrackerOptions } from "./index.ts";
import { makeFolder } from "./make-folder.ts";
import { keepObjectsYoung } from "./young-objects.ts";

/** Exit codes: 1 the tracker could not start, 2 the command line is wrong. */
function fail(line: string, code: 1 | 2): never {
  process.stderr.write(`tracker: ${line}\n`);
  process.exit(code);
}

function plainReason(error: Error & { code?: string }, { host, port }: TrackerOptions): string {
  const trouble = folderTrouble(error);
  if (trouble !== null) return trouble;
  const where = `${host === undefined ? "" : `${host} `}port ${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return `${where} is in use by another program; choose another with --port`;
    case "EACCES":
      return error.message.includes("listen") ? `${where} needs more rights to listen on` : error.message;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `--host ${host} is no address of this machine`;
    default:
      return error.message.split("\n")[0] ?? "cannot start";
  }
}

async function start(options: TrackerOptions): Promise<Tracker> {
  try {
    if (options.dataDir != null) makeFolder(options.dataDir);
    return await startTracker(options);
  } catch (error) {
    return error instanceof TypeError
      ? fail(error.message, 2)
      : fail(plainReason(error as Error, options), 1);
  }
}

keepObjectsYoung();
const cli = parseCli(process.argv.slice(2), process.env);
if (cli.kind === "help") {
  process.stdout.write(USAGE);
} else if (cli.kind === "wrong") {
  fail(cli.reason, 2);
} else {
  const startMs = performance.now();
  const tracker = await start(cli.tracker);
  const tookMs = Math.round(performance.now() - startMs);
  const took = `ready after ${tookMs} ms, ${Math.ceil(tracker.ledger?.openedMs ?? 0)} ms of them to recover the ledger`;
  process.stdout.write(`${JSON.stringify({ port: tracker.port, url: tracker.url })}\n`);
  const { sockets, open } = tracker.stats();
  const admits = open ? "admits everybody" : "admits viewers with a token of a registered publisher";
  process.stderr.write(`tracker: listening at ${tracker.url} over ${sockets}, ${admits}; ${took}\n`);

  let stopping = false;
  const stop = () => {
    // The second signal is impatience.
    if (stopping) process.exit(1);
    stopping = true;
    void tracker.close().then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
