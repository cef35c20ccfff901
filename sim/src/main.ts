import { setFlagsFromString } from "node:v8";
import { parseCommandLine } from "./options.ts";
import { simulate } from "./simulate.ts";

/** Ten thousand engines and their stores need more than Node's default. */
setFlagsFromString("--max-old-space-size=16384");

const args = process.argv.slice(2);
try {
  const options = parseCommandLine(args);
  const startedAtMs = performance.now();
  const result = simulate(options);
  const wallMs = performance.now() - startedAtMs;
  const wall = {
    seconds: Math.round(wallMs / 10) / 100,
    eventsPerSecond: Math.round((result.events * 1000) / wallMs),
    memoryMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
  console.log(JSON.stringify({ ...result, wall }, null, 2));
  if (result.violations.length > 0) {
    console.error(`${result.violations.length} violations; replay: npm run sim -- ${args.join(" ")}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error);
  console.error(`replay: npm run sim -- ${args.join(" ")}`);
  process.exitCode = 2;
}
