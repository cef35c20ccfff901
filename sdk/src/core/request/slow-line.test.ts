import { expect, it } from "vitest";
import { peerKeyOf, PIECE_BYTES } from "@tributary/protocol";
import { createWorld, type Viewer } from "../testing/world.ts";

const segmentBytes = 4 * PIECE_BYTES;

/**
 * A viewer with eight seconds in its buffer wants a segment that three neighbours hold, of which each sends so much at
 * most; the CDN was as fast as 20 Mbit/s some time ago.
 */
function scene({ uploadBps, cdnBps }: { uploadBps: number; cdnBps: number }) {
  const world = createWorld({ segmentBytes, segmentCount: 4, lower: true });
  const neighbours = [1, 2, 3].map(() => world.addViewer({}, { named: false }));
  for (const neighbour of neighbours) neighbour.want(2);
  const viewer = world.addViewer({}, { named: false });
  viewer.want(0);
  world.run(8000);
  for (const [index, neighbour] of neighbours.entries()) {
    // Not all at one moment: that would look like a fast line.
    const maxBps = uploadBps * (1 - index / 5);
    neighbour.input({ type: "upload-policy", allowed: true, maxBps, maxBytes: Infinity });
    world.connect(neighbour, viewer);
  }
  world.paceCdn(cdnBps);
  world.run(500);
  Object.assign(viewer, { positionMs: 0, bufferedEndMs: 8000 });
  viewer.sent.length = 0;
  const beganMs = world.now();
  viewer.want(2);
  return { world, viewer, beganMs };
}

function outputs<T extends Viewer["sent"][number]["type"]>({ sent }: Viewer, type: T) {
  return sent.filter((output): output is Extract<typeof output, { type: T }> => output.type === type);
}

const cancels = (viewer: Viewer) =>
  outputs(viewer, "send-to-peer").filter(({ message }) => message.type === "cancel").length;

it("a line that became slow: the player saw no bytes come, kept its level and ran dry", () => {
  const { world, viewer, beganMs } = scene({ uploadBps: 100_000, cdnBps: 60_000 });
  world.run(7000);
  const [probe] = outputs(viewer, "http-fetch");
  expect(probe!.endBytes! - probe!.offsetBytes).toBe(PIECE_BYTES);
  expect(outputs(viewer, "load-started")[0]!.startMs).toBeLessThanOrEqual(beganMs + 100);
  const told = outputs(viewer, "load-progress");
  expect(told[0]).toMatchObject({ firstByteMs: outputs(viewer, "load-started")[0]!.startMs, totalBytes: 0 });
  expect(told.at(-1)!.loadedBytes).toBeGreaterThanOrEqual(told[0]!.loadedBytes);
});

it("what partners had given to their channels held a slow line for seconds, whatever was called off", () => {
  const { world, viewer } = scene({ uploadBps: 100_000, cdnBps: 60_000 });
  world.run(4000);
  expect(outputs(viewer, "close-peer").map(({ reason }) => reason)).toContain("slow-line");
  const requests = () =>
    outputs(viewer, "send-to-peer").filter(({ message }) => message.type === "request").length;
  expect(viewer.core.explain()[0]).toMatch(/line has become slow/);
  const before = requests();
  world.run(3000);
  expect(requests()).toBe(before);
});

it("links that were closed for a slow line are made again once it is fast, and not before", () => {
  const { world, viewer } = scene({ uploadBps: 100_000, cdnBps: 60_000 });
  world.run(4000);
  const closed = new Set(outputs(viewer, "close-peer").map(({ peer }) => peer));
  expect(closed.size).toBeGreaterThan(0);
  world.name(viewer);
  world.run(5000);
  expect(outputs(viewer, "connect-peer")).toEqual([]);
  world.paceCdn(20_000_000);
  world.run(20_000);
  expect(new Set(outputs(viewer, "connect-peer").map(({ peer }) => peer))).toEqual(closed);
  expect(viewer.core.stats().peers).toBe(3);
});

it("hls.js was given two seconds more to see how slow a load is that had waited for peers", () => {
  const { world, viewer, beganMs } = scene({ uploadBps: 0, cdnBps: 20_000_000 });
  world.run(8000);
  const [started] = outputs(viewer, "load-started");
  const fetch = outputs(viewer, "http-fetch").at(-1);
  expect(fetch).toBeDefined();
  expect(started!.startMs).toBeGreaterThanOrEqual(beganMs);
  expect(viewer.delivered.at(-1)!.atMs - started!.startMs).toBeGreaterThan(2000);
});

it("slow peers are no slow line: one piece from the CDN, and not a word to the player", () => {
  const { world, viewer } = scene({ uploadBps: 60_000, cdnBps: 20_000_000 });
  world.run(3500);
  const lengths = outputs(viewer, "http-fetch").map(({ offsetBytes, endBytes }) => endBytes! - offsetBytes);
  expect(lengths).toEqual([PIECE_BYTES]);
  expect(outputs(viewer, "load-started")).toEqual([]);
  expect(outputs(viewer, "load-progress")).toEqual([]);
});

it("asks no CDN where peers bring what the player waits for in their usual time", () => {
  const { world, viewer } = scene({ uploadBps: 5_000_000, cdnBps: 60_000 });
  world.run(5000);
  expect(viewer.delivered.map(({ sequence }) => sequence)).toEqual([0, 2]);
  expect(outputs(viewer, "http-fetch")).toEqual([]);
});

it("what peers owed of later segments held a line that had become slow while the CDN brought the next one", () => {
  const world = createWorld({ live: true, segmentBytes, segmentCount: 3 });
  const viewer = world.addViewer({}, { named: false });
  viewer.want(0);
  world.run(3000);
  world.paceCdn(60_000);
  const mute = peerKeyOf(new Uint8Array(16).fill(9));
  viewer.input({ type: "peer-connected", peer: mute, ticket: 1 });
  const position = { track: 7, audioTrack: 0, wanted: 3, audioWanted: 0, positionMs: 0, uplinkClass: 8 };
  const segments = [world.segment(2).id];
  viewer.input({ type: "peer-message", peer: mute, message: { type: "bitfield", position, segments } });
  world.run(100);
  viewer.want(1);
  world.run(100);
  expect(outputs(viewer, "http-fetch").map(({ segment }) => segment)).toContain(world.segment(1).key);
  expect(cancels(viewer)).toBe(0);
  world.run(1000);
  expect(cancels(viewer)).toBeGreaterThan(0);
});
