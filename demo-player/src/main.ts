import { buildDemoPlayer, DEMO_PLAYER_DIST } from "../build.ts";
import { readCommandLine, USAGE, type CommandLine } from "./command-line.ts";
import { startDemo, type Demo } from "./demo.ts";
import { checkPort } from "./port-check.ts";

/** `npm start`: the sample streams' origin, a tracker and the page, all on this machine. */

function fail(words: string): never {
  console.error(words);
  process.exit(1);
}

function parse(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
}

async function build(): Promise<void> {
  const startMs = performance.now();
  const built = await buildDemoPlayer({ onStart: () => process.stdout.write("Building the page… ") });
  if (built) console.log(`done in ${((performance.now() - startMs) / 1_000).toFixed(1)} s.`);
}

async function start(port: number): Promise<Demo> {
  try {
    await checkPort(port);
    await build();
    return await startDemo(port, DEMO_PLAYER_DIST);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      return fail(`Port ${port} is in use. Choose another one: npm start -- --port ${port + 1}`);
    if (code === "EACCES") return fail(`Port ${port} needs rights that this user does not have.`);
    return fail(`The demo could not start: ${message}`);
  }
}

function stopOnSignals(demo: Demo): void {
  let stopping = false;
  const stop = () => {
    // The second Ctrl-C means now.
    if (stopping) process.exit(130);
    stopping = true;
    console.log("\nStopping…");
    void demo.close().finally(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

const { port, help } = parse();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
const demo = await start(port);
stopOnSignals(demo);
console.log(`
  Tributary demo    ${demo.url}

  tracker           ${demo.trackerUrl}
  its figures       ${demo.statsUrl}
  sample, VOD       ${demo.vodUrl}
  sample, live      ${demo.liveUrl}

  Ctrl-C stops it all.
`);
