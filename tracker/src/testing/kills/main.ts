import { readFlags } from "../read-flags.ts";
import { killAtMoments } from "./kills.ts";

/** Kills trackers under load and prints figures as JSON: `npm run kills -- --moments 200 --seed 1`. */
const values = readFlags("kills", {
  moments: { type: "string", default: "200" },
  seed: { type: "string", default: "1" },
});
const [moments, seed] = [Number(values.moments), Number(values.seed)];
if (!Number.isInteger(moments) || moments < 1 || !Number.isInteger(seed)) {
  process.stderr.write("kills: --moments and --seed take whole numbers, moments at least one\n");
  process.exit(2);
}
const startMs = performance.now();
const { restartMs, recoveryMs, ...figures } = await killAtMoments(moments, seed, (moment) => {
  if (moment % 10 === 0) process.stderr.write(`kills: ${moment} of ${moments}\n`);
});
const spread = (times: readonly number[]) => {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    median: Math.round(sorted[Math.floor(sorted.length / 2)]!),
    slowest: Math.round(sorted.at(-1)!),
  };
};
const seconds = Math.round((performance.now() - startMs) / 1000);
process.stdout.write(
  `${JSON.stringify({ seed, ...figures, restartMs: spread(restartMs), recoveryMs: spread(recoveryMs), seconds }, null, 2)}\n`,
);
