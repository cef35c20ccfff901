import { describe, expect, it } from "vitest";
import { type SybilAttack, sybilFigures } from "../testing/sybil-economy.ts";

/** `npm run sybils` takes a thousand, and prints the whole region. */
const attack: SybilAttack = { sybils: 40, networks: 40, share: 0.2, seed: 1 };
const reward = (fields: Partial<SybilAttack> = {}, without: Parameters<typeof sybilFigures>[1] = null) =>
  sybilFigures({ ...attack, ...fields }, without).rewardPerHour;

describe("T6 Sybils that pretend to each other", () => {
  it("are paid nothing in a dead title of nineteen networks, nor inside one network", () => {
    for (const [fields, without] of [
      [{ share: 1, networks: 19 }, "twenty networks"],
      [{ networks: 1 }, "nothing inside a network"],
    ] as const) {
      expect(reward(fields)).toBe(0);
      expect(reward(fields, without)).toBeGreaterThan(0);
    }
  });

  it("are paid by their share of the swarm, because the tracker draws their partners", () => {
    const [few, many] = [reward({ share: 0.01 }), reward({ share: 0.2 })];
    expect(few).toBeLessThan(many / 2);
    expect(reward({ share: 0.01 }, "partners are drawn")).toBeGreaterThan(many);
  });

  it("are paid no faster than the stream plays", () => {
    // 2.25 GB an hour at 3,500 micro-units.
    expect(reward({ share: 1 })).toBeLessThanOrEqual((2.25 * 3_500) / 1e6);
    expect(reward({ share: 1 }, "no faster than it plays")).toBeGreaterThan((2 * 2.25 * 3_500) / 1e6);
  });

  it("are paid like viewers beyond that: the bound fails in a dead title of twenty networks", () => {
    expect(reward({ share: 1, networks: 20 })).toBeGreaterThan(0);
  });

  it("cost the publisher that sent them more than they bring, burn included", () => {
    const { rewardPerHour, chargePerHour, burnPerHour } = sybilFigures({ ...attack, share: 1 });
    expect(rewardPerHour).toBeGreaterThan(0);
    expect(rewardPerHour + burnPerHour).toBeLessThan(chargePerHour);
    // CDN alone: $0.01 a GB.
    expect(chargePerHour).toBeLessThan(2.25 * 0.01);
  });
});
