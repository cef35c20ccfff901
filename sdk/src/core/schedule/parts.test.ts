import { describe, expect, it } from "vitest";
import { partWaitMaxMs } from "../limits.ts";
import { createWorld } from "../testing/world.ts";

const rounds = 20;

/** Parts of one second and the verifier's roots, which take as long as a first copy. */
function livePartsFrom(cdnFirstByteMs: number, viewerCount: number) {
  const world = createWorld({
    live: true,
    parts: true,
    roots: false,
    rootsMs: cdnFirstByteMs + 70,
    segmentMs: 1000,
    segmentBytes: 56_000,
    segmentCount: 10,
    cdnFirstByteMs,
    linkMs: 30,
  });
  const viewers = Array.from({ length: viewerCount }, () => world.addViewer());
  for (const viewer of viewers) viewer.play();
  // As far behind the edge as PART-HOLD-BACK asks for.
  world.run(7000);
  return { world, viewers };
}

describe("low-latency parts", () => {
  for (const [cdnFirstByteMs, copiesMax] of [
    [30, rounds],
    [150, rounds],
    [350, rounds],
    // Twice what that takes is hardly in hand.
    [600, rounds + 1],
  ] as const) {
    it(`are taken from each other where the CDN answers after ${cdnFirstByteMs} ms`, () => {
      const { world, viewers } = livePartsFrom(cdnFirstByteMs, 4);
      const before = world.cdnCopies();
      for (let round = 0; round < rounds; round++) {
        world.publish(viewers.map((_, index) => index * 10));
        world.run(1000);
      }
      world.run(2000);
      for (const viewer of viewers) expect(viewer.delivered).toHaveLength(10 + rounds);
      for (const viewer of viewers) expect(viewer.stalls).toBe(0);
      expect(world.cdnCopies() - before).toBeLessThanOrEqual(copiesMax);
    });
  }

  it("that a neighbour claims and never brings cost one wait each, and no stall", () => {
    const cdnFirstByteMs = 350;
    const { world, viewers } = livePartsFrom(cdnFirstByteMs, 2);
    const [viewer, mute] = [viewers[0]!, viewers[1]!];
    mute.deaf = true;
    const listedAtMs = new Map<number, number>();
    for (let sequence = 10; sequence < 10 + rounds; sequence++) {
      listedAtMs.set(sequence, world.now());
      world.publish([0]);
      world.at(1, () =>
        viewer.input({
          type: "peer-message",
          peer: mute.peer,
          message: { type: "progress", segment: world.segment(sequence).id, pieces: new Uint8Array(0) },
        }),
      );
      world.run(1000);
    }
    world.run(2000);
    expect(viewer.stalls).toBe(0);
    expect(viewer.delivered).toHaveLength(10 + rounds);
    // Longest the first: later ones find less in hand, so the CDN is asked sooner.
    const first = viewer.delivered.find(({ sequence }) => sequence === 10)!;
    const pollMs = 200;
    expect(first.atMs - listedAtMs.get(10)!).toBeGreaterThan(partWaitMaxMs + cdnFirstByteMs);
    expect(first.atMs - listedAtMs.get(10)!).toBeLessThan(pollMs + partWaitMaxMs + 2 * cdnFirstByteMs + 100);
  });
});
