import { describe, expect, it } from "vitest";
import { createWorld } from "./testing/world.ts";

const sequences = (viewer: { delivered: { sequence: number }[] }) =>
  viewer.delivered.map(({ sequence }) => sequence);
const all = Array.from({ length: 15 }, (_, index) => index);

describe("a lone viewer", () => {
  it("takes everything from the CDN, in order, without waiting", () => {
    const world = createWorld();
    const viewer = world.addViewer();
    viewer.play();
    world.run(60_000);
    expect(sequences(viewer)).toEqual(all);
    expect(world.cdnCopies()).toBe(15);
    expect(viewer.stalls).toBe(0);
    expect(viewer.core.stats().peerBytes).toBe(0);
  });

  it("passes the CDN's status on when it fails", () => {
    const world = createWorld();
    const viewer = world.addViewer();
    world.failCdn(404);
    viewer.want(0);
    world.run(1000);
    expect(viewer.failures).toEqual([{ kind: "network", status: 404, text: "refused" }]);
  });
});

describe("VOD viewers that join one after another", () => {
  for (const roots of [true, false]) {
    it(`need one CDN segment each once the first has the rest (${roots ? "playlist" : "verifier"} roots)`, () => {
      const world = createWorld({ roots });
      for (let index = 0; index < 6; index++) world.at(index * 1500, () => world.addViewer().play());
      world.run(60_000);
      for (const viewer of world.viewers) expect(sequences(viewer)).toEqual(all);
      expect(world.viewers.map(({ stalls }) => stalls)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(world.cdnCopies()).toBe(20);
    });
  }
});

describe("VOD viewers that start together", () => {
  it("share about one CDN copy after their first segments", () => {
    const world = createWorld();
    const viewers = Array.from({ length: 6 }, () => world.addViewer());
    for (const viewer of viewers) viewer.play();
    world.run(60_000);
    for (const viewer of viewers) expect(sequences(viewer)).toEqual(all);
    for (const viewer of viewers) expect(viewer.stalls).toBe(0);
    expect(world.cdnCopies()).toBeLessThanOrEqual(6 + 16);
  });
});

describe("a liar", () => {
  it("T2 is expelled at its first false piece and nothing of it is played or relayed", () => {
    const world = createWorld();
    const honest = world.addViewer();
    honest.play();
    world.run(5000);
    const liar = world.addViewer();
    liar.play();
    world.run(5000);
    liar.taintsPieces = true;
    honest.leave();
    world.run(100);
    const victim = world.addViewer();
    victim.play();
    world.run(60_000);
    expect(sequences(victim)).toEqual(all);
    expect(victim.delivered.some(({ tainted }) => tainted)).toBe(false);
    expect(victim.events.filter((event) => event.type === "warning").map((event) => event.code)).toEqual([
      "peer-lied",
    ]);
    expect(victim.sent.filter(({ type }) => type === "report-peer")).toEqual([
      { type: "report-peer", peer: liar.peer },
    ]);
    expect(victim.stalls).toBe(0);
  });

  it("is parted with on the tracker's word, once, and not reported again", () => {
    const world = createWorld();
    const liar = world.addViewer();
    liar.play();
    world.run(5000);
    const viewer = world.addViewer();
    viewer.play();
    world.run(5000);
    expect(viewer.core.stats().peers).toBe(1);
    for (let time = 0; time < 2; time++) viewer.input({ type: "peers-banned", peers: [liar.peer] });
    expect(viewer.core.stats().peers).toBe(0);
    viewer.input({ type: "peers-named", peers: [{ peer: liar.peer, ticket: 1 }] });
    world.run(60_000);
    expect(viewer.core.stats().peers).toBe(0);
    expect(sequences(viewer)).toEqual(all);
    expect(viewer.events.filter((event) => event.type === "warning").map((event) => event.code)).toEqual([
      "peer-banned",
    ]);
    expect(viewer.sent.map(({ type }) => type)).not.toContain("report-peer");
  });
});

describe("a silent peer", () => {
  it("costs no stall: its pieces come from elsewhere", () => {
    const world = createWorld();
    const first = world.addViewer();
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.play();
    world.run(300);
    first.deaf = true;
    world.run(60_000);
    expect(sequences(second)).toEqual(all);
    expect(second.stalls).toBe(0);
  });

  it("that vanishes in the middle of a segment costs only the pieces it did not send", () => {
    const world = createWorld({ linkMs: 40 });
    const first = world.addViewer();
    first.play();
    world.run(5000);
    const second = world.addViewer();
    second.play();
    world.run(330);
    first.leave();
    world.run(60_000);
    expect(sequences(second)).toEqual(all);
    expect(second.stalls).toBe(0);
  });
});

describe("live viewers", () => {
  it("take one CDN copy of each new segment although they see it at different times", () => {
    const world = createWorld({ segmentCount: 3 });
    const viewers = Array.from({ length: 6 }, () => world.addViewer());
    for (const viewer of viewers) viewer.play();
    world.run(3000);
    const before = world.cdnCopies();
    for (let round = 0; round < 10; round++) {
      world.publish(viewers.map((_, index) => ((index * 2654 + round * 977) % 4000) / 2));
      world.run(4000);
    }
    world.run(4000);
    for (const viewer of viewers) expect(sequences(viewer).at(-1)).toBe(12);
    for (const viewer of viewers) expect(viewer.stalls).toBe(0);
    expect(world.cdnCopies() - before).toBeLessThanOrEqual(12);
  });
});
