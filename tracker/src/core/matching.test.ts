import { expect, it } from "vitest";
import {
  createCoreRig,
  descriptionBody,
  keyOfSession,
  peerKeyOfSession,
  peerOfSession,
} from "../testing/core-rig.ts";
import { apartPairsMax } from "./limits.ts";
import { peerKeyOf } from "@tributary/protocol";

const named = (rig: ReturnType<typeof createCoreRig>, session: number) =>
  rig.told(session, "peers").peers.map(({ peer }) => peerKeyOf(peer));

it("names nobody to the first and the first to the second", () => {
  const rig = createCoreRig();
  rig.enter(1);
  expect(named(rig, 1)).toEqual([]);
  rig.enter(2);
  expect(named(rig, 2)).toEqual([peerKeyOfSession(1)]);
});

it("gives each candidate with the ticket of its own session", () => {
  const rig = createCoreRig();
  rig.enter(1);
  const { ticket } = rig.told(1, "swarm");
  rig.enter(2);
  expect(rig.told(2, "peers").peers[0]?.ticket).toBe(ticket);
  expect(rig.told(2, "swarm").ticket).not.toBe(ticket);
});

it("names no more than wanted, and nobody twice over several announces", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 12; session++) rig.enter(session);
  rig.enter(20, undefined, { wantedPeers: 5 });
  const first = named(rig, 20);
  rig.join(20, "film", { wantedPeers: 5 });
  const second = named(rig, 20);
  rig.join(20, "film", { wantedPeers: 5 });
  const third = named(rig, 20);
  expect([first.length, second.length, third.length]).toEqual([5, 5, 2]);
  expect(new Set([...first, ...second, ...third]).size).toBe(12);
  rig.join(20, "film", { wantedPeers: 0 });
  expect(named(rig, 20)).toEqual([]);
});

it("keeps one network from surrounding a viewer while others are to be had", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 40; session++) rig.enter(session, `198.51.7.${session}`);
  for (let session = 41; session <= 48; session++) rig.enter(session, `9.9.${session}.1`);
  rig.enter(100, "8.8.8.8", { wantedPeers: 10 });
  const crowded = named(rig, 100).filter((key) => Number.parseInt(key.slice(0, 8), 16) <= 40);
  expect(named(rig, 100).length).toBe(10);
  expect(crowded.length).toBe(2);
});

it("fills up from one network where nobody else is there", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 20; session++) rig.enter(session, `198.51.7.${session}`);
  rig.enter(100, "8.8.8.8", { wantedPeers: 10 });
  expect(named(rig, 100).length).toBe(10);
});

it("prefers some of the viewer's own network, even in a large swarm", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 900; session++)
    rig.enter(session, `9.${session >> 8}.${session & 255}.1`, { wantedPeers: 0 });
  rig.enter(901, "8.8.8.1", { wantedPeers: 0 });
  rig.enter(902, "8.8.8.2", { wantedPeers: 0 });
  rig.enter(903, "8.8.8.3", { wantedPeers: 0 });
  rig.enter(1000, "8.8.8.9", { wantedPeers: 10 });
  const near = named(rig, 1000).filter((key) => Number.parseInt(key.slice(0, 8), 16) > 900);
  expect(near.length).toBe(2);
});

it("puts no limit on loopback, where demos live", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 9; session++) rig.enter(session, "127.0.0.1");
  for (let session = 10; session <= 20; session++) rig.enter(session, `9.9.${session}.1`);
  rig.enter(100, "127.0.0.1", { wantedPeers: 20 });
  expect(named(rig, 100).length).toBe(20);
});

it("draws different candidates for different joiners", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 60; session++) rig.enter(session, undefined, { wantedPeers: 0 });
  const sets = [101, 102, 103].map((session) => {
    rig.enter(session, undefined, { wantedPeers: 8 });
    return named(rig, session).sort().join();
  });
  expect(new Set(sets).size).toBe(3);
});

const apart = (...pairs: (readonly [number, number])[]) => ({
  type: "pairs-apart" as const,
  pairs: pairs.map(([one, other]) => [keyOfSession(one), keyOfSession(other)] as const),
});

/** Whom session 100 meets when it comes back to the film, one of a few others. */
function meets(rig: ReturnType<typeof createCoreRig>, wantedPeers: number) {
  rig.join(100, "elsewhere");
  rig.join(100, "film", { wantedPeers });
  return named(rig, 100);
}

it("T4 introduces two whose accounts contradict each other after all others, whichever of them comes", () => {
  for (const pair of [
    [100, 1],
    [1, 100],
  ] as const) {
    const rig = createCoreRig();
    for (let session = 1; session <= 6; session++) rig.enter(session, undefined, { wantedPeers: 0 });
    rig.admit(100);
    rig.feed(apart(pair));
    for (let time = 0; time < 20; time++)
      expect(meets(rig, 5).sort()).toEqual([2, 3, 4, 5, 6].map(peerKeyOfSession));
    expect(meets(rig, 6).at(-1)).toBe(peerKeyOfSession(1));
  }
});

it("puts one of a crowded network before one whose accounts contradict the viewer's", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 4; session++)
    rig.enter(session, `198.51.7.${session}`, { wantedPeers: 0 });
  rig.admit(100, "8.8.8.8");
  rig.feed(apart([1, 100]));
  expect(meets(rig, 4).at(-1)).toBe(peerKeyOfSession(1));
  expect(meets(rig, 3)).not.toContain(peerKeyOfSession(1));
});

it("brands nobody whose accounts are contradicted: it meets everybody else, and its links stay", () => {
  const rig = createCoreRig();
  for (const session of [1, 2, 3]) rig.enter(session);
  rig.feed(apart([1, 2]));
  expect(rig.out).toEqual([]);
  rig.say(1, { type: "signal", peer: peerOfSession(2), kind: "offer", body: descriptionBody() });
  expect(rig.told(2, "signal").peer).toEqual(peerOfSession(1));
  rig.enter(4, undefined, { wantedPeers: 3 });
  expect(new Set(named(rig, 4))).toEqual(new Set([1, 2, 3].map(peerKeyOfSession)));
});

it("forgets whose accounts contradicted each other with the next settlement, and keeps a bounded number", () => {
  const rig = createCoreRig();
  for (const session of [1, 2]) rig.enter(session, undefined, { wantedPeers: 0 });
  rig.admit(100);
  const drawn = () => new Set(Array.from({ length: 20 }, () => meets(rig, 1)[0]));
  rig.feed(apart([1, 100]));
  expect(drawn()).toEqual(new Set([peerKeyOfSession(2)]));
  rig.feed(apart());
  expect(drawn().size).toBe(2);
  const crowd = Array.from({ length: apartPairsMax }, () => [3, 4] as const);
  rig.feed(apart(...crowd, [1, 100]));
  expect(drawn().size).toBe(2);
});
