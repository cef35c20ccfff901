import { readFlags } from "../../testing/read-flags.ts";
import { meanInterval } from "./mean-interval.ts";
import { DEFENCES, type SybilAttack, sybilFigures } from "./sybil-economy.ts";

/** What a thousand Sybils gain an hour: `npm run sybils -- --seeds 20`. */
const SYBILS = 1_000;
/** Dollars for a GB over addresses of many networks. */
const PRICES = [0, 0.001, 0.03, 1];
/** Of statements, pings and introductions, with ten partners; a pretender moves nothing else. */
const SIGNALLING_GB_PER_HOUR = 0.001;

const seeds = Number(readFlags("sybils", { seeds: { type: "string", default: "20" } }).seeds);
if (!Number.isInteger(seeds) || seeds < 5) {
  process.stderr.write("sybils: --seeds takes a whole number from 5\n");
  process.exit(2);
}
const base = { sybils: SYBILS, networks: SYBILS, seed: 1 };
const scenes: readonly (readonly [name: string, attack: SybilAttack])[] = [
  ["1 % of a swarm", { ...base, share: 0.01 }],
  ["5 % of a swarm", { ...base, share: 0.05 }],
  ["20 % of a swarm", { ...base, share: 0.2 }],
  ["a dead title, 1,000 networks", { ...base, share: 1 }],
  ["a dead title, 20 networks", { ...base, share: 1, networks: 20 }],
  ["a dead title, 19 networks", { ...base, share: 1, networks: 19 }],
  ["20 % of a swarm, one network", { ...base, share: 0.2, networks: 1 }],
];
/** Whom the tracker draws is up to chance where others watch too: in a dead title every seed is as the first. */
const seedsOf = ({ share }: SybilAttack) =>
  share === 1 ? [1] : Array.from({ length: seeds }, (_, at) => at + 1);
const money = (dollars: number) => dollars.toFixed(5).replace(/^-(0\.0+)$/, "$1");

function meanMoney(profits: readonly number[]): string {
  if (profits.length === 1) return money(profits[0]!);
  const { mean, halfWidth } = meanInterval(profits);
  return halfWidth < 1e-9 ? money(mean) : `${money(mean)} ± ${money(halfWidth)}`;
}

console.log("Profit of one Sybil and hour, in dollars, by the price of a GB over many networks:");
console.log(`the mean of ${seeds} draws of partners and its 95 % interval, or what every draw gives.\n`);
console.log(
  `| scene | ${PRICES.flatMap((price) => [`pretends, $${price}`, `carries, $${price}`]).join(" | ")} |`,
);
console.log(`| --- |${" ---: |".repeat(2 * PRICES.length)}`);
for (const [name, attack] of scenes) {
  const draws = seedsOf(attack).map((seed) => {
    const { rewardPerHour, paidBytes } = sybilFigures({ ...attack, seed });
    return { rewardPerHour, carriedGb: (paidBytes / 1e9 / attack.sybils) * 60 };
  });
  const cells = PRICES.flatMap((price) => [
    meanMoney(draws.map(({ rewardPerHour }) => rewardPerHour - price * SIGNALLING_GB_PER_HOUR)),
    meanMoney(
      draws.map(
        ({ rewardPerHour, carriedGb }) => rewardPerHour - price * (SIGNALLING_GB_PER_HOUR + carriedGb),
      ),
    ),
  ]);
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

console.log("\nReward of one Sybil and hour where a defence is off, by the first draw.\n");
console.log(`| scene | all on | ${DEFENCES.join(" | ")} |`);
console.log(`| --- | ---: |${" ---: |".repeat(DEFENCES.length)}`);
for (const [name, attack] of scenes) {
  const rewards = [null, ...DEFENCES].map((without) => money(sybilFigures(attack, without).rewardPerHour));
  console.log(`| ${name} | ${rewards.join(" | ")} |`);
}

const { rewardPerHour, chargePerHour, burnPerHour } = sybilFigures({ ...base, share: 1 });
console.log(
  `\nA publisher that is its own Sybils pays ${money(chargePerHour)} for ${money(rewardPerHour)} of reward; ${money(burnPerHour)} of it is burned.`,
);
