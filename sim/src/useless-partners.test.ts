import { expect, it } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { stay, type Scenario, type Visit } from "./scenarios/scenario.ts";
import { createWorld } from "./world.ts";

const vod = scenarios.find(({ name }) => name === "vod-staggered")!;
/** Each of them has all others for partners, and these are as many as it takes. */
const earlyCount = 13;
const lateCount = 20;
const bitrateBps = 240_000;

/** Of those who came first and play from the start one jumps to a later scene, which all who come later are watching. */
const scenario: Scenario = {
  ...vod,
  stream: { ...vod.stream, bitrateBps, segmentCount: 900 },
  population: { ...vod.population, bitrateBps, given: { upBps: [20_000_000], downBps: 50_000_000 } },
  runMs: 160_000,
  visits: () =>
    Array.from({ length: earlyCount + lateCount }, (_, index): Visit => {
      if (index === 0) return { ...stay(0), seeks: [{ atMs: 40_000, toMs: 1_000_000 }] };
      if (index < earlyCount) return stay(index * 100);
      const arriveMs = 15_000 + index * 200;
      return { ...stay(arriveMs), seeks: [{ atMs: arriveMs + 3000, toMs: 1_040_000 }] };
    }),
};

it.each([1, 3])(
  "a viewer whose partners had nothing that it wanted stayed with them, and with the CDN, for ever (seed %i)",
  (seed) => {
    const world = createWorld({ scenario, viewers: 0, seed });
    const first = () => {
      const { core, neighbours } = world.viewers[0]!;
      const goodCount = neighbours().filter(({ index }) => index >= earlyCount).length;
      return { goodCount, ...core.stats() };
    };
    const seen: ReturnType<typeof first>[] = [];
    for (const atMs of [39_000, 120_000]) world.queue.at(atMs, { fire: () => void seen.push(first()) }, null);
    world.run([]);
    const [beforeJump, settled] = seen;
    expect(beforeJump!.goodCount, "else this shows nothing").toBe(0);
    expect(first().goodCount).toBeGreaterThan(0);
    expect(first().peerBytes).toBeGreaterThan(settled!.peerBytes);
    expect(first().cdnBytes).toBe(settled!.cdnBytes);
  },
  60_000,
);
