import { expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

const held = ({ core }: { core: { stats(): { peerBytes: number } } }) => core.stats().peerBytes;

/** A viewer that has everything, and one that has the first segment and asks for nothing more. */
function scene(live: boolean) {
  const world = createWorld({ live, segmentCount: 4, segmentBytes: 200_000 });
  const holder = world.addViewer({}, { named: false });
  holder.play();
  world.run(30_000);
  const newcomer = world.addViewer({}, { named: false });
  newcomer.want(0);
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

it("leaves a title that is listed whole to the player's own pace", () => {
  expect(held(scene(false).newcomer)).toBe(0);
});
