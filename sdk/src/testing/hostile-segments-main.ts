import { parseArgs } from "node:util";
import { KINDS } from "./hostile-lies.ts";
import { offerHostileSegments } from "./hostile-segments.ts";

/** Hostile segments of every kind against the engine: `npm run hostile -- --segments 10000 --seed 1`. */
function readFlags() {
  try {
    return parseArgs({
      options: {
        segments: { type: "string", default: "10000" },
        seed: { type: "string", default: "1" },
        undefended: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`hostile: ${(error as Error).message.split(/\n|\. /)[0]}\n`);
    process.exit(2);
  }
}

const values = readFlags();
const [segmentsMin, seed] = [Number(values.segments), Number(values.seed)];
if (!Number.isInteger(segmentsMin) || segmentsMin < 1 || !Number.isInteger(seed)) {
  process.stderr.write("hostile: --segments and --seed take whole numbers, segments at least one\n");
  process.exit(2);
}
let falseBytes = 0;
for (const kind of KINDS) {
  const tally = await offerHostileSegments({ kind, seed, segmentsMin, defended: !values.undefended });
  falseBytes += tally.delivered.falseBytes + tally.relayed.falseBytes;
  process.stdout.write(`${JSON.stringify(tally)}\n`);
}
process.exitCode = falseBytes === 0 ? 0 : 1;
