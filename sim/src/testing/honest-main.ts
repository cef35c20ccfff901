import { parseArgs } from "node:util";
import { countPunished, noHonestTally, playHonest } from "./honest-viewers.ts";

/** How many honest viewers are punished: `npm run honest -- --seeds 2500`. */
function readFlags() {
  try {
    return parseArgs({
      options: { seeds: { type: "string", default: "2500" } },
    }).values;
  } catch (error) {
    process.stderr.write(`honest: ${(error as Error).message.split(/\n|\. /)[0]}\n`);
    process.exit(2);
  }
}

const values = readFlags();
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) {
  process.stderr.write("honest: --seeds takes a whole number from 1\n");
  process.exit(2);
}
const tally = noHonestTally();
for (let seed = 1; seed <= seeds; seed++) countPunished(tally, playHonest(seed));
process.stdout.write(
  `${JSON.stringify({ seeds, ...tally, slashedShare: tally.slashed / tally.sessions }, null, 2)}\n`,
);
