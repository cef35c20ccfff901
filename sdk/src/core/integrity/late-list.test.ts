import { expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

it("the piece list of a segment that was given up while it was checked stayed in the store for ever", () => {
  const world = createWorld({ segmentCount: 8 });
  const holder = world.addViewer();
  holder.play();
  world.run(20_000);
  const viewer = world.addViewer();
  viewer.want(0);
  world.run(2000);
  viewer.want(1);
  const isChecking = () => viewer.sent.some(({ type }) => type === "check-list");
  while (!isChecking()) world.run(1);
  viewer.input({ type: "segment-cancelled", request: 2 });
  viewer.sent.length = 0;
  world.run(5);
  expect(viewer.sent).toContainEqual({ type: "evict", segment: world.segment(1).key });
});
