import { describe, expect, it } from "vitest";
import { createWorld } from "./testing/world.ts";

/** A small seeded generator (mulberry32): the same seed replays the same chaos. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seeds = process.env["CHAOS_SEED"]
  ? [Number(process.env["CHAOS_SEED"])]
  : Array.from({ length: 40 }, (_, index) => index + 1);

describe("whatever peers and the CDN do (replay one with CHAOS_SEED=n)", () => {
  for (const seed of seeds) {
    it(`seed ${seed}: no false byte is played, nothing is left undecided, honest viewers finish`, () => {
      const chance = random(seed);
      const world = createWorld({
        roots: chance() < 0.7,
        linkMs: 5 + chance() * 80,
        cdnBps: 2_000_000 + chance() * 20_000_000,
        cdnFirstByteMs: 10 + chance() * 100,
        segmentBytes: 20_000 + Math.floor(chance() * 500_000),
      });
      const count = 3 + Math.floor(chance() * 5);
      for (let index = 0; index < count; index++) {
        world.at(chance() * 10_000, () => {
          const viewer = world.addViewer({ storageMaxBytes: chance() < 0.3 ? 2_000_000 : 200_000_000 });
          viewer.play(Math.floor(chance() * 5));
        });
      }
      const trouble = () => {
        const viewer = world.viewers[Math.floor(chance() * world.viewers.length)];
        const other = world.viewers[Math.floor(chance() * world.viewers.length)];
        const what = chance();
        if (viewer !== undefined && other !== undefined) {
          if (what < 0.15) viewer.taintsPieces = true;
          else if (what < 0.3) viewer.deaf = true;
          else if (what < 0.45) viewer.leave();
          else if (what < 0.6 && viewer !== other) world.unlink(viewer, other);
          else if (what < 0.7) viewer.input({ type: "stalled" });
          else if (what < 0.8) viewer.input({ type: "pause" });
          else if (what < 0.9) viewer.input({ type: "resume" });
          else world.breakRanges();
        }
        if (world.now() < 25_000) world.at(chance() * 3000, trouble);
      };
      world.at(chance() * 3000, trouble);
      world.run(150_000);

      for (const viewer of world.viewers) {
        expect(viewer.delivered.filter(({ tainted }) => tainted)).toEqual([]);
        if (viewer.hasLeft()) continue;
        expect(viewer.delivered.at(-1)?.sequence).toBe(14);
        expect(viewer.failures).toEqual([]);
        const { peerBytes, uploadedBytes } = viewer.core.stats();
        expect(peerBytes).toBeGreaterThanOrEqual(0);
        expect(uploadedBytes).toBeGreaterThanOrEqual(0);
      }
    });
  }
});
