import { describe, expect, it } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { simulate } from "./simulate.ts";

const viewers = 6;
const seconds = 32;
const seeds = [1, 2, 3];

const short = (scenario: Scenario): Scenario => ({ ...scenario, runMs: seconds * 1000, settledMs: 15_000 });
const replay = (name: string, seed: number) =>
  `npm run sim -- --scenario ${name} --viewers ${viewers} --seed ${seed} --seconds ${seconds} --twin`;

describe.each(scenarios.map((scenario) => ({ name: scenario.name, scenario })))(
  "$name",
  ({ name, scenario }) => {
    it.each(seeds)("keeps every law with seed %i", (seed) => {
      const result = simulate({ scenario: short(scenario), viewers, seed, twin: true });
      expect(result.violations, replay(name, seed)).toEqual([]);
      expect(result.delivery.deliveredBytes).toBeGreaterThan(0);
      expect(result.delivery.peerBytes, "peers are used at all").toBeGreaterThan(0);
    });
  },
);

describe("a simulation", () => {
  it.each(["live", "churn"])("of %s gives the same result for the same seed, byte for byte", (name) => {
    const scenario = short(scenarios.find((one) => one.name === name)!);
    const play = (seed: number) => JSON.stringify(simulate({ scenario, viewers, seed, twin: false }));
    const first = play(5);
    expect(play(5)).toBe(first);
    expect(play(6)).not.toBe(first);
  });

  it("serves everything from the CDN where peers are switched off", () => {
    const scenario = short(scenarios.find(({ name }) => name === "live")!);
    const { delivery, playback } = simulate({ scenario, viewers, seed: 1, twin: false, cdnOnly: true });
    expect(delivery.peerBytes).toBe(0);
    expect(delivery.offload).toBeLessThanOrEqual(0);
    expect(playback.stalls).toBe(0);
  });

  it("has the verifier fetch one copy where the playlist names no roots", () => {
    const live = scenarios.find(({ name }) => name === "live")!;
    const scenario = short({ ...live, stream: { ...live.stream, rootsInPlaylist: false } });
    const { delivery, violations } = simulate({ scenario, viewers, seed: 1, twin: false });
    expect(violations).toEqual([]);
    expect(delivery.peerBytes).toBeGreaterThan(0);
    expect(delivery.requests.p50).toBeGreaterThanOrEqual(2);
  });
});
