import { describe, expect, it } from "vitest";
import { dutyDelay, estimateContenders } from "./duty.ts";
import { rankAmong, rendezvousWeight } from "./rank.ts";

const segment = (sequence: number) => ({ track: 9, sequence, part: -1, fingerprint: 77 });
/** Tickets as a tracker would draw them, from a fixed multiplicative sequence. */
const ticket = (index: number) => Math.imul(index + 1, 0x9e3779b1) >>> 0;

describe("duty in a swarm larger than the neighbourhood", () => {
  it("puts about k viewers at the front however many there are", () => {
    for (const viewers of [100, 1000, 10_000]) {
      let total = 0;
      for (let sequence = 0; sequence < 20; sequence++) {
        for (let index = 0; index < viewers; index++) {
          if (dutyDelay(ticket(index), segment(sequence), viewers, 4, 8000, 1) === 0) total += 1;
        }
      }
      expect(total / 20).toBeGreaterThan(2.5);
      expect(total / 20).toBeLessThan(5.5);
    }
  });

  it("has everybody step in before patience ends", () => {
    for (let index = 0; index < 2000; index++) {
      expect(dutyDelay(ticket(index), segment(3), 2000, 4, 8000, 1)).toBeLessThanOrEqual(8000);
    }
  });
});

describe("the estimate of contenders", () => {
  it("takes the whole audience at a live edge, and one for a lone front-runner", () => {
    expect(estimateContenders(10_000, 10, 10)).toBe(10_000);
    expect(estimateContenders(10_000, 10, 1)).toBe(1000);
    expect(estimateContenders(10_000, 10, 0)).toBe(1);
    expect(estimateContenders(6, 5, 5)).toBe(6);
  });
});

describe("the rank among neighbours", () => {
  it("gives every viewer another place and changes from segment to segment", () => {
    const viewers = Array.from({ length: 6 }, (_, index) => ({ ticket: ticket(index), uplinkClass: 6 }));
    const firsts = new Set<number>();
    for (let sequence = 0; sequence < 50; sequence++) {
      const ranks = viewers.map((own) =>
        rankAmong(
          own,
          viewers.filter((other) => other !== own),
          segment(sequence),
        ),
      );
      expect([...ranks].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      firsts.add(ranks.indexOf(0));
    }
    expect(firsts.size).toBe(6);
  });

  it("is first in proportion to the uplink, and never where nothing can be passed on", () => {
    const viewers = [7, 6, 6, 0].map((uplinkClass, index) => ({ ticket: ticket(index), uplinkClass }));
    const firsts = [0, 0, 0, 0];
    for (let sequence = 0; sequence < 4000; sequence++) {
      const first = viewers.findIndex(
        (own) =>
          rankAmong(
            own,
            viewers.filter((other) => other !== own),
            segment(sequence),
          ) === 0,
      );
      firsts[first]! += 1;
    }
    expect(firsts[0]! / 4000).toBeCloseTo(0.5, 1);
    expect(firsts[1]! / 4000).toBeCloseTo(0.25, 1);
    expect(firsts[3]).toBe(0);
  });

  it("spreads the weights evenly", () => {
    const bins = new Array<number>(16).fill(0);
    for (let sequence = 0; sequence < 16_000; sequence++) {
      const bin = rendezvousWeight(12345, segment(sequence)) >>> 28;
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const count of bins) expect(Math.abs(count - 1000)).toBeLessThan(160);
  });
});
