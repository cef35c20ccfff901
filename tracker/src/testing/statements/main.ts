import { cpus } from "node:os";
import { keepObjectsYoung } from "../../young-objects.ts";
import { readFlags } from "../read-flags.ts";
import { measureStatements } from "./rates.ts";

/**
 * How fast statements are verified and made durable, against bare verifications of the same signatures in the same run:
 * `npm run statements -- --viewers 10000 --grants 10 --rounds 3` prints JSON.
 */
const values = readFlags("statements", {
  viewers: { type: "string", default: "10000" },
  grants: { type: "string", default: "10" },
  rounds: { type: "string", default: "3" },
});
const [viewers, grants, rounds] = [Number(values.viewers), Number(values.grants), Number(values.rounds)];
if (
  ![viewers, grants, rounds].every((n) => Number.isInteger(n) && n > 0) ||
  grants % 2 !== 0 ||
  grants > 64
) {
  process.stderr.write(
    "statements: --viewers, --grants (even, 64 at most) and --rounds take whole numbers\n",
  );
  process.exit(2);
}
// As the tracker's own main does.
keepObjectsYoung();
const rounded = (name: string, value: unknown) =>
  typeof value === "number"
    ? name === "wall" || name === "cpu"
      ? Number(value.toFixed(2))
      : Math.round(value)
    : value;
const figures = [
  await measureStatements("downloads", viewers, grants, rounds),
  await measureStatements("both", viewers, grants, rounds),
];
const machine = `${cpus().length} cores, Node ${process.version}`;
process.stdout.write(`${JSON.stringify({ machine, viewers, grants, rounds, figures }, rounded, 2)}\n`);
