import { expect, it } from "vitest";
import { createCoreRig, descriptionBody, peerOfSession } from "../testing/core-rig.ts";

const offer = (to: number) =>
  ({ type: "signal", peer: peerOfSession(to), kind: "offer", body: descriptionBody() }) as const;

it("relays signals both ways between introduced peers, naming the sender", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.enter(2);
  rig.say(2, offer(1));
  expect(rig.out).toHaveLength(1);
  expect(rig.told(1, "signal")).toEqual({ ...offer(1), peer: peerOfSession(2) });
  rig.say(1, { ...offer(2), kind: "answer" });
  expect(rig.told(2, "signal")).toMatchObject({ kind: "answer", peer: peerOfSession(1) });
});

it("relays nothing to strangers, to oneself or to nobody", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.enter(2, undefined, { wantedPeers: 0 });
  for (const to of [1, 2, 77]) {
    rig.say(2, offer(to));
    expect(rig.out).toHaveLength(1);
    expect(rig.told(2, "error")).toMatchObject({ code: "not-introduced", fatal: false });
  }
});

it("ends introductions when one of the two leaves, moves or goes", () => {
  for (const how of ["leaves", "moves", "goes"] as const) {
    const rig = createCoreRig();
    rig.enter(1);
    rig.enter(2);
    if (how === "leaves") rig.say(1, { type: "leave" });
    else if (how === "moves") rig.join(1, "another film");
    else rig.feed({ type: "closed", session: 1 });
    rig.say(2, offer(1));
    expect(rig.told(2, "error").code).toBe("not-introduced");
    rig.enter(3);
    expect(rig.told(3, "peers").peers).toHaveLength(1);
  }
});

it("lets a session come back after LEAVE", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.enter(2);
  rig.say(2, { type: "leave" });
  rig.join(2);
  expect(rig.told(2, "peers").peers).toHaveLength(1);
  expect(rig.told(2, "swarm").viewerCount).toBe(2);
});

it("keeps titles apart and forgets a swarm with its last member", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.admit(2);
  rig.join(2, "another film");
  expect(rig.told(2, "peers").peers).toEqual([]);
  expect(rig.core.stats().swarms).toHaveLength(2);
  rig.say(2, { type: "leave" });
  rig.feed({ type: "closed", session: 1 });
  expect(rig.core.stats().swarms).toEqual([]);
});

it("does not split an audience when the day changes", () => {
  let day = 1;
  const rig = createCoreRig({ swarmIdOf: () => new Uint8Array(32).fill(day) });
  rig.enter(1);
  day = 2;
  rig.enter(2);
  expect(rig.told(2, "peers").peers).toHaveLength(1);
  expect(rig.told(2, "swarm").swarm[0]).toBe(1);
});

it("counts viewers, not seeders, and follows a change of role", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.enter(2, undefined, { role: "seeder" });
  expect(rig.told(2, "swarm").viewerCount).toBe(1);
  rig.join(2, "film", { role: "viewer" });
  expect(rig.told(2, "swarm").viewerCount).toBe(2);
  expect(rig.core.stats().swarms).toMatchObject([{ viewers: 2, seeders: 0 }]);
});

it("asks for one copy in a small swarm and for few in a large one", () => {
  const rig = createCoreRig();
  const targets = new Set<number>();
  for (let session = 1; session <= 150; session++) {
    rig.enter(session);
    targets.add(rig.told(session, "swarm").copiesTarget);
  }
  expect([...targets]).toEqual([1, 2, 8]);
});

it("tells members unasked when the swarm has grown much, and not for every viewer", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 8; session++) rig.enter(session);
  rig.advance(5_000);
  rig.feed({ type: "tick" });
  expect(rig.told(1, "swarm").viewerCount).toBe(8);
  rig.enter(9);
  rig.advance(5_000);
  rig.feed({ type: "tick" });
  expect(rig.sentTo(1)).toEqual([]);
  for (let session = 10; session <= 12; session++) rig.enter(session);
  rig.advance(5_000);
  rig.feed({ type: "tick" });
  expect(rig.told(1, "swarm").viewerCount).toBe(12);
});
