import { describe, expect, it } from "vitest";
import { createWorld, type Viewer } from "../testing/world.ts";

const warningsOf = (viewer: Viewer) =>
  viewer.events.flatMap((event) => (event.type === "warning" ? [event.code] : []));
const peerBytesOf = (viewer: Viewer) => viewer.core.stats().peerBytes;

describe("two titles whose segments have the same paths, in one swarm with a verifier", () => {
  /** Two viewers of the title that the verifier knows, then one of another, then one of the first. */
  function watch() {
    const world = createWorld({ roots: false, segmentCount: 12 });
    const viewers: Viewer[] = [];
    const explained: string[] = [];
    for (const otherTitle of [false, false, true, false]) {
      const viewer = world.addViewer({}, { otherTitle });
      viewer.play();
      viewers.push(viewer);
      world.run(4000);
      explained.push(viewer.core.explain().join(" "));
      world.run(6000);
    }
    world.run(60_000);
    return { viewers, other: viewers[2]!, explained };
  }

  it("each viewer is given its own title's bytes alone, to the end, without a stall", () => {
    for (const { delivered, stalls, failures } of watch().viewers) {
      expect(delivered.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, at) => at));
      expect(delivered.filter(({ tainted }) => tainted)).toEqual([]);
      expect({ stalls, failures }).toEqual({ stalls: 0, failures: [] });
    }
  });

  it("nobody is taken for a liar, and those of the known title still serve each other", () => {
    const { viewers, other } = watch();
    for (const viewer of viewers) expect(warningsOf(viewer)).not.toContain("peer-lied");
    for (const viewer of [viewers[1]!, viewers[3]!]) expect(peerBytesOf(viewer)).toBeGreaterThan(1_000_000);
    expect(peerBytesOf(other)).toBe(0);
    expect(other.core.stats().uploadedBytes).toBe(0);
  });

  it("the viewer of the other one is told why it has only the CDN", () => {
    const { other, explained } = watch();
    expect(warningsOf(other)).toContain("root-conflict");
    expect(explained[2]).toContain("other bytes than the CDN serves");
  });
});

describe("a copy that was damaged on its way from the CDN", () => {
  it("does not cost its viewer the peers for good, although it came first", () => {
    const world = createWorld({ roots: false, segmentCount: 12 });
    world.addViewer().play();
    world.run(6000);
    const unlucky = world.addViewer();
    unlucky.damaged.add(0);
    unlucky.play();
    world.run(60_000);
    expect(warningsOf(unlucky)).toEqual(["root-conflict"]);
    expect(peerBytesOf(unlucky)).toBeGreaterThan(1_000_000);
  });

  it("is not played again when the player comes back to it, and the next copy may be passed on", () => {
    const world = createWorld({ roots: false, segmentCount: 4 });
    const viewer = world.addViewer();
    viewer.damaged.add(0);
    viewer.play();
    world.addViewer().play();
    world.run(20_000);
    const before = viewer.fetches;
    expect(timesOffered(viewer)).toBe(0);
    viewer.want(0);
    world.run(1000);
    expect(viewer.fetches).toBe(before + 1);
    expect(viewer.delivered.filter(({ sequence }) => sequence === 0)).toHaveLength(2);
    expect(timesOffered(viewer)).toBe(1);
  });
});

/** How often neighbours were told that they can have the first segment whole. */
function timesOffered({ sent }: Viewer): number {
  return sent.filter(
    (output) =>
      output.type === "send-to-peer" &&
      output.message.type === "have" &&
      output.message.added.some(({ sequence }) => sequence === 0),
  ).length;
}
