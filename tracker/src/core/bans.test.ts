import { expect, it } from "vitest";
import { createCoreRig, helloMessage, peerOfSession, type CoreRig } from "../testing/core-rig.ts";

const accused = 1;

/** A liar and these viewers, each of a network of its own unless told, all introduced to the liar. */
function createSwarm(viewerCount: number, addressOf = (viewer: number) => `9.9.${viewer}.1`): CoreRig {
  const rig = createCoreRig();
  rig.enter(accused, "7.7.7.7");
  for (let viewer = 2; viewer < viewerCount + 2; viewer++) {
    rig.enter(viewer, addressOf(viewer), { wantedPeers: 50 });
    expect(rig.told(viewer, "peers").peers.map(({ peer }) => peer)).toContainEqual(peerOfSession(accused));
  }
  return rig;
}

const report = (rig: CoreRig, from: number, of = accused) =>
  rig.say(from, { type: "report", peer: peerOfSession(of) });

it("bans whom viewers of three networks caught lying, and tells everybody who met it", () => {
  const rig = createSwarm(5);
  report(rig, 2);
  report(rig, 3);
  expect(rig.out).toEqual([]);
  report(rig, 4);
  for (const viewer of [2, 3, 4, 5, 6])
    expect(rig.told(viewer, "banned")).toEqual({ type: "banned", peers: [peerOfSession(accused)] });
  expect(rig.told(accused, "error")).toMatchObject({ code: "banned", fatal: true });
  expect(rig.isClosed(accused)).toBe(true);
  expect(rig.core.stats()).toMatchObject({ reports: 3, bans: 1 });
});

it("keeps the banned key away for ten minutes, and introduces it to nobody", () => {
  const rig = createSwarm(3);
  for (const viewer of [2, 3, 4]) report(rig, viewer);
  const comeBack = (session: number) => {
    rig.open(session, "7.7.7.7");
    rig.say(session, helloMessage);
    rig.feed({ type: "hello-checked", session, verdict: { kind: "signed", peer: peerOfSession(accused) } });
  };
  comeBack(100);
  expect(rig.told(100, "error")).toMatchObject({ code: "banned", fatal: true });
  rig.enter(101, "6.6.6.6", { wantedPeers: 50 });
  expect(rig.told(101, "peers").peers).toHaveLength(3);
  rig.advance(10 * 60_000);
  comeBack(102);
  expect(rig.told(102, "welcome").peer).toEqual(peerOfSession(accused));
});

it.each([
  ["one viewer that repeats itself", 3, undefined, [2, 2, 2, 2]],
  ["viewers of one network", 6, (viewer: number) => `9.9.9.${viewer}`, [2, 3, 4, 5, 6]],
  ["three of sixteen", 16, undefined, [2, 3, 4]],
])("bans nobody on the word of %s", (_, viewers, addressOf, reporters) => {
  const rig = createSwarm(viewers, addressOf);
  for (const viewer of reporters) report(rig, viewer);
  expect(rig.isClosed(accused)).toBe(false);
  expect(rig.core.stats()).toMatchObject({ reports: reporters.length, bans: 0 });
});

it("needs a quarter of those who met the accused", () => {
  const rig = createSwarm(16);
  for (const viewer of [2, 3, 4]) report(rig, viewer);
  expect(rig.isClosed(accused)).toBe(false);
  report(rig, 5);
  expect(rig.isClosed(accused)).toBe(true);
});

it("listens to nobody who was not introduced to the accused, and to nobody without end", () => {
  const rig = createSwarm(3);
  rig.admit(50, "5.5.5.5");
  rig.join(50, "another film");
  report(rig, 50);
  expect(rig.told(50, "error")).toMatchObject({ code: "not-introduced", fatal: false });
  for (let time = 0; time < 16; time++) report(rig, 2);
  report(rig, 2);
  expect(rig.told(2, "error")).toMatchObject({ code: "rate-limited", fatal: false });
});
