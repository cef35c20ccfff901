import { expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

const held = ({ core }: { core: { stats(): { peerBytes: number } } }) => core.stats().peerBytes;

/** A viewer that has everything, and one that has the first segment and asks for nothing more. */
function scene(live: boolean, paused = false) {
  const world = createWorld({ live, segmentCount: 4, segmentBytes: 200_000 });
  const holder = world.addViewer({}, { named: false });
  holder.play();
  world.run(30_000);
  const newcomer = world.addViewer({}, { named: false });
  newcomer.want(0);
  newcomer.input({ type: "playhead", positionMs: 0, rate: 1, bufferedEndMs: 0, paused, hidden: false });
  world.run(1500);
  world.connect(holder, newcomer);
  world.run(3000);
  return { world, newcomer };
}

it("brings live segments from peers that the player has not asked for yet, and nothing of them from the CDN", () => {
  const { world, newcomer } = scene(true);
  expect(held(newcomer)).toBe(3 * 200_000);
  const before = world.cdnCopies();
  newcomer.want(1);
  world.run(10);
  expect(newcomer.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
  expect(world.cdnCopies()).toBe(before);
});

it("a paused viewer of a live stream went on taking segments that nobody had asked for", () => {
  expect(held(scene(true, true).newcomer)).toBe(0);
});

it("leaves a title that is listed whole to the player's own pace", () => {
  expect(held(scene(false).newcomer)).toBe(0);
});

/** What is asked of one neighbour ahead is called off, or not, when the CDN has to bring what the other had promised. */
function calledOff(cdnBps: number): number {
  const world = createWorld({
    live: true,
    segmentMs: 12_000,
    segmentCount: 3,
    segmentBytes: 600_000,
    cdnBps,
  });
  const addHolder = (sequence: number) => {
    const holder = world.addViewer({}, { named: false });
    holder.want(sequence);
    world.run(5000);
    holder.input({ type: "upload-policy", allowed: true, maxBps: 200_000, maxBytes: Infinity });
    return holder;
  };
  const [holder, holderOfNext] = [addHolder(1), addHolder(2)];
  const viewer = world.addViewer({}, { named: false });
  viewer.want(0);
  world.run(4000);
  for (const neighbour of [holder, holderOfNext]) world.connect(neighbour, viewer);
  viewer.want(1);
  world.run(12_000);
  const fetched = viewer.sent.findIndex(
    (output) => output.type === "http-fetch" && output.segment === world.segment(1).key,
  );
  expect(fetched).toBeGreaterThan(0);
  return viewer.sent.filter(
    (output) =>
      output.type === "send-to-peer" && output.peer === holderOfNext.peer && output.message.type === "cancel",
  ).length;
}

it("held a slow line with what was asked for ahead while the CDN brought what the player waited for: a stall", () => {
  expect(calledOff(2_000_000)).toBeGreaterThan(0);
});

it("leaves what was asked for ahead to come beside the CDN's bytes where the line has room for both", () => {
  expect(calledOff(100_000_000)).toBe(0);
});
