import { peerKeyOf } from "@tributary/protocol";
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

const mute = peerKeyOf(new Uint8Array(16).fill(9));

/** A neighbour has promised what the player waits for; another tells of the segment after that so long after the wish. */
function rescue(cdnBps: number, holderBps: number, toldMs: number) {
  const world = createWorld({
    live: true,
    segmentMs: 12_000,
    segmentCount: 3,
    segmentBytes: 600_000,
    cdnBps,
  });
  const holder = world.addViewer({}, { named: false });
  holder.want(1);
  world.run(5000);
  holder.input({ type: "upload-policy", allowed: true, maxBps: holderBps, maxBytes: Infinity });
  const viewer = world.addViewer({}, { named: false });
  viewer.want(0);
  world.run(3000);
  world.connect(holder, viewer);
  viewer.sent.length = 0;
  viewer.want(1);
  // A piece fetched to see how fast the CDN is starts no load.
  const isRescued = () => viewer.sent.some(({ type }) => type === "load-started");
  let ms = 0;
  for (; ms < 12_000 && !isRescued(); ms += 10) {
    if (ms === toldMs) {
      viewer.input({ type: "peer-connected", peer: mute, ticket: 1 });
      const position = { track: 7, audioTrack: 0, wanted: 3, audioWanted: 0, positionMs: 0, uplinkClass: 8 };
      const segments = [world.segment(2).id];
      viewer.input({ type: "peer-message", peer: mute, message: { type: "bitfield", position, segments } });
    }
    world.run(10);
  }

  expect(isRescued()).toBe(true);
  const saidToMute = (type: string) =>
    viewer.sent.filter(
      (output) => output.type === "send-to-peer" && output.peer === mute && output.message.type === type,
    ).length;
  return { ms, asked: saidToMute("request"), calledOff: saidToMute("cancel") };
}

/** What was asked ahead a moment before the CDN had to bring what the player waits for. */
function calledOff(cdnBps: number, holderBps: number): number {
  const toldMs = rescue(cdnBps, holderBps, Infinity).ms - 200;
  const { asked, calledOff: count } = rescue(cdnBps, holderBps, toldMs);
  expect(asked).toBeGreaterThan(0);
  return count;
}

it("held a slow line with what was asked for ahead while the CDN brought what the player waited for: a stall", () => {
  expect(calledOff(2_000_000, 150_000)).toBeGreaterThan(0);
});

it("leaves what was asked for ahead to come beside the CDN's bytes where the line has room for both", () => {
  expect(calledOff(7_000_000, 330_000)).toBe(0);
});
