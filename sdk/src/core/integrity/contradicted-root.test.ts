import { expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

/** A holder, and a viewer that has agreed with the verifier on the first segment and waits for peers with the second. */
function midway() {
  const world = createWorld({ roots: false, segmentCount: 8 });
  const holder = world.addViewer();
  holder.play();
  world.run(20_000);
  const viewer = world.addViewer();
  viewer.want(0);
  world.run(2000);
  viewer.holdChecks = true;
  viewer.want(1);
  while (!viewer.sent.some(({ type }) => type === "check-piece")) world.run(1);
  return { world, viewer, key: world.segment(1).key };
}

it("a root contradicted elsewhere went on deciding what those who had it took from peers", () => {
  const { world, viewer, key } = midway();
  const before = viewer.fetches;
  viewer.input({ type: "root-contradicted", segment: key });
  expect(viewer.fetches).toBe(before + 1);
  world.run(2000);
  const { sequence } = viewer.delivered.at(-1)!;
  expect(sequence).toBe(1);
  const last = viewer.events.findLast(({ type }) => type === "segment");
  expect(last).toMatchObject({ sequence: 1, peerBytes: 0 });
});

it("the answer that was still being checked does not bring it back", () => {
  const { world, viewer, key } = midway();
  viewer.input({ type: "root-contradicted", segment: key });
  const root = { hash: "root-1", sizeBytes: world.segment(1).root?.sizeBytes ?? 250_000 };
  viewer.input({ type: "roots", roots: [{ segment: key, root }] });
  viewer.sent.length = 0;
  world.run(5000);
  const asks = viewer.sent.flatMap((output) => (output.type === "ask-roots" ? output.segments : []));
  expect(asks.map(({ id }) => id.sequence)).not.toContain(1);
  viewer.want(1);
  world.run(2000);
  expect(viewer.sent.filter(({ type }) => type === "check-list")).toEqual([]);
});

it("who has the same bytes from the CDN plays and keeps them", () => {
  const { world, viewer } = midway();
  const { key } = world.segment(0);
  const before = viewer.fetches;
  viewer.input({ type: "root-contradicted", segment: key });
  world.run(1000);
  viewer.want(0);
  world.run(1000);
  expect(viewer.fetches).toBe(before);
});

it("who had agreed with the verifier once contradicted it without a word to anybody", () => {
  const world = createWorld({ roots: false, segmentCount: 8 });
  world.addViewer().want(0);
  world.run(2000);
  const viewer = world.addViewer();
  viewer.want(0);
  world.run(2000);
  viewer.damaged.add(1);
  viewer.want(1);
  world.run(2000);
  const reports = viewer.sent.filter(({ type }) => type === "report-root-conflict");
  expect(reports).toMatchObject([{ segment: { sequence: 1 } }]);
});
