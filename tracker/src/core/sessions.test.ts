import { expect, it } from "vitest";
import { encodeCandidate, PROTOCOL_VERSION } from "@tributary/protocol";
import {
  candidateLine,
  createCoreRig,
  helloMessage,
  joinMessage,
  peerOfSession,
} from "../testing/core-rig.ts";

const unsigned = (session: number) =>
  ({ type: "hello-checked", session, verdict: { kind: "unsigned", peer: peerOfSession(session) } }) as const;

it("speaks first, with the nonce and its own key", () => {
  const rig = createCoreRig();
  rig.open(1);
  expect(rig.told(1, "nonce")).toMatchObject({
    version: PROTOCOL_VERSION,
    trackerId: new Uint8Array(32).fill(0x11),
  });
});

it("has the signature checked with the nonce of that socket, then welcomes", () => {
  const rig = createCoreRig();
  rig.open(1);
  const { nonce } = rig.told(1, "nonce");
  rig.say(1, helloMessage);
  expect(rig.out).toEqual([{ type: "check-hello", session: 1, nonce, hello: helloMessage }]);
  rig.feed({ type: "hello-checked", session: 1, verdict: { kind: "signed", peer: peerOfSession(1) } });
  expect(rig.told(1, "welcome")).toMatchObject({
    peer: peerOfSession(1),
    timeMs: rig.nowMs,
    p2pAllowed: true,
    verifier: true,
  });
});

it("ends a session that the check of HELLO refused, in its words", () => {
  const rig = createCoreRig();
  rig.open(1);
  rig.say(1, helloMessage);
  const verdict = { kind: "refused", code: "token-expired", reason: "it does not fit" } as const;
  rig.feed({ type: "hello-checked", session: 1, verdict });
  expect(rig.told(1, "error")).toMatchObject({
    code: "token-expired",
    message: "it does not fit",
    fatal: true,
  });
  expect(rig.isClosed(1)).toBe(true);
  rig.say(1, helloMessage);
  expect(rig.out).toEqual([]);
});

it("names both versions where they differ", () => {
  const rig = createCoreRig();
  rig.open(1);
  rig.say(1, { ...helloMessage, version: 7 });
  expect(rig.told(1, "error")).toMatchObject({ code: "version", fatal: true });
  expect(rig.told(1, "error").message).toMatch(new RegExp(`version ${PROTOCOL_VERSION}\\b.*version 7\\b`));
  rig.open(2);
  rig.feed({ type: "foreign-hello", session: 2, version: 9, sizeBytes: 3 });
  expect(rig.told(2, "error")).toMatchObject({ code: "version", fatal: true });
});

it("admits unsigned sessions only where it is open", () => {
  const open = createCoreRig();
  open.open(1);
  open.say(1, helloMessage);
  open.feed(unsigned(1));
  expect(open.told(1, "welcome").p2pAllowed).toBe(true);
  const closed = createCoreRig({ open: false });
  closed.open(1);
  closed.say(1, helloMessage);
  closed.feed(unsigned(1));
  expect(closed.told(1, "error")).toMatchObject({ code: "bad-signature", fatal: true });
});

it("without --open refuses whom no publisher vouches for, and says what to do", () => {
  const rig = createCoreRig({ open: false });
  rig.admit(1);
  expect(rig.told(1, "error")).toMatchObject({ code: "not-admitted", fatal: true });
  expect(rig.told(1, "error").message).toContain("--open");
  expect(rig.isClosed(1)).toBe(true);
});

it("answers messages that come out of order, each with what was expected", () => {
  const rig = createCoreRig();
  rig.open(1);
  rig.join(1);
  expect(rig.told(1, "error")).toMatchObject({
    code: "out-of-order",
    message: "join before hello",
    fatal: false,
  });
  rig.say(1, helloMessage);
  rig.join(1);
  expect(rig.told(1, "error").message).toBe("join before welcome");
  rig.feed({ type: "hello-checked", session: 1, verdict: { kind: "signed", peer: peerOfSession(1) } });
  rig.say(1, { type: "leave" });
  expect(rig.told(1, "error")).toMatchObject({ code: "unknown-swarm", message: "leave before join" });
  rig.say(1, helloMessage);
  expect(rig.told(1, "error").message).toBe("a second hello");
  rig.join(1, "");
  expect(rig.told(1, "error")).toMatchObject({ code: "bad-message", fatal: false });
  rig.join(1);
  expect(rig.told(1, "swarm").viewerCount).toBe(1);
});

it("lets a client that lost its connection replace its old session", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.open(2);
  rig.say(2, helloMessage);
  rig.feed({ type: "hello-checked", session: 2, verdict: { kind: "signed", peer: peerOfSession(1) } });
  expect(rig.isClosed(1)).toBe(true);
  rig.join(2);
  expect(rig.told(2, "swarm").viewerCount).toBe(1);
  rig.feed({ type: "closed", session: 1 });
  rig.enter(3);
  expect(rig.told(3, "peers").peers).toHaveLength(1);
});

it("does not let an unsigned session take the place of a signed one, nor one from elsewhere that of another", () => {
  const rig = createCoreRig();
  rig.enter(1, "9.9.9.9");
  rig.open(2, "9.9.9.9");
  rig.say(2, helloMessage);
  rig.feed({ type: "hello-checked", session: 2, verdict: { kind: "unsigned", peer: peerOfSession(1) } });
  expect(rig.told(2, "error")).toMatchObject({ code: "bad-signature", fatal: true });
  expect(rig.isClosed(1)).toBe(false);

  rig.open(3, "9.9.9.9");
  rig.say(3, helloMessage);
  rig.feed(unsigned(3));
  for (const [session, address, replaces] of [
    [4, "8.8.8.8", false],
    [5, "9.9.9.9", true],
  ] as const) {
    rig.open(session, address);
    rig.say(session, helloMessage);
    rig.feed({ type: "hello-checked", session, verdict: { kind: "unsigned", peer: peerOfSession(3) } });
    expect(rig.isClosed(3)).toBe(replaces);
  }
});

it("hangs up on whoever says no HELLO or falls silent, without a refusal that would keep them away", () => {
  const rig = createCoreRig();
  rig.open(1);
  rig.admit(2);
  rig.advance(10_000);
  rig.feed({ type: "tick" });
  expect(rig.isClosed(1)).toBe(true);
  expect(rig.isClosed(2)).toBe(false);
  rig.advance(30_000);
  rig.say(2, { type: "ping", nonce: 1 });
  rig.advance(59_000);
  rig.feed({ type: "tick" });
  expect(rig.isClosed(2)).toBe(false);
  rig.advance(6_000);
  rig.feed({ type: "tick" });
  expect(rig.out).toEqual([
    { type: "close", session: 2, reason: expect.stringContaining("silent") as unknown as string },
  ]);
  expect(rig.core.stats()).toMatchObject({ timeouts: 2, refusals: {} });
});

it("wants a tick while sessions are open and none when nobody is there", () => {
  const rig = createCoreRig();
  expect(rig.core.nextDeadlineMs()).toBeNull();
  rig.open(1);
  expect(rig.core.nextDeadlineMs()).toBe(rig.nowMs + 5_000);
  rig.feed({ type: "closed", session: 1 });
  expect(rig.core.nextDeadlineMs()).toBeNull();
});

it("says what was wrong with a message, and cuts at the fifth", () => {
  const rig = createCoreRig();
  rig.admit(1);
  for (let round = 1; round <= 4; round++) {
    rig.feed({ type: "garbage", session: 1, reason: "unknown message type 77", sizeBytes: 9 });
    expect(rig.told(1, "error")).toMatchObject({
      code: "bad-message",
      message: "unknown message type 77",
      fatal: false,
    });
  }
  rig.feed({ type: "garbage", session: 1, reason: "truncated", sizeBytes: 9 });
  expect(rig.told(1, "error")).toMatchObject({ code: "bad-message", fatal: true });
  expect(rig.isClosed(1)).toBe(true);
  expect(rig.core.stats().refusals).toEqual({ "bad-message": 5 });
});

it("cuts whoever sends more than a message may hold", () => {
  const rig = createCoreRig();
  rig.admit(1);
  rig.feed({ type: "oversized", session: 1, sizeBytes: 70_000 });
  expect(rig.told(1, "error")).toMatchObject({ code: "too-large", fatal: true });
  expect(rig.told(1, "error").message).toContain("65536");
});

it("T13 drops a flood, says so once a second, and cuts when it goes on", () => {
  const rig = createCoreRig();
  rig.admit(1);
  let told = 0;
  let answered = 0;
  for (let round = 0; round < 2_000 && !rig.isClosed(1); round++) {
    rig.say(1, { type: "ping", nonce: round });
    answered += rig.sentTo(1).filter(({ type }) => type === "pong").length;
    told += rig.sentTo(1).filter(({ type }) => type === "error").length;
  }
  expect(answered).toBeGreaterThanOrEqual(290);
  expect(answered).toBeLessThanOrEqual(300);
  expect(told).toBe(2);
  expect(rig.isClosed(1)).toBe(true);
});

it("lets an honest client join, talk and re-announce for an hour without a refusal", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.enter(2);
  const body = encodeCandidate({ candidate: candidateLine("203.0.2.9") });
  for (let second = 0; second < 3_600; second += 20) {
    rig.advance(20_000);
    rig.join(2);
    rig.say(1, { type: "ping", nonce: second });
    for (let signal = 0; signal < 60; signal++)
      rig.say(2, { type: "signal", peer: peerOfSession(1), kind: "candidate", body });
  }
  expect(rig.core.stats().refusals).toEqual({});
});

it("limits connections of one address, but not of loopback", () => {
  const rig = createCoreRig();
  const openMany = (from: number, address: string) => {
    let cuts = 0;
    for (let session = from; session < from + 600; session++) {
      rig.open(session, address);
      if (rig.isClosed(session)) cuts++;
      rig.advance(100);
    }
    return cuts;
  };
  rig.open(1, "9.9.9.9");
  rig.say(1, helloMessage);
  rig.feed({ type: "hello-checked", session: 1, verdict: { kind: "signed", peer: peerOfSession(1) } });
  expect(openMany(1_000, "127.0.0.1")).toBe(0);
  const burst = createCoreRig();
  let cuts = 0;
  for (let session = 1; session <= 300; session++) {
    burst.open(session, "9.9.9.9");
    if (burst.isClosed(session)) cuts++;
  }
  expect(cuts).toBe(100);
  expect(burst.told(300, "error")).toMatchObject({ code: "rate-limited", fatal: true });
  burst.open(1_000, "9.9.9.8");
  expect(burst.isClosed(1_000)).toBe(false);
});

it("limits all sessions of one address together", () => {
  const rig = createCoreRig();
  for (let session = 1; session <= 20; session++) rig.admit(session, "9.9.9.9");
  rig.admit(21, "8.8.8.8");
  let answered = 0;
  for (let round = 0; round < 250; round++)
    for (let session = 1; session <= 20; session++) {
      rig.say(session, { type: "ping", nonce: round });
      answered += rig.sentTo(session).filter(({ type }) => type === "pong").length;
    }
  expect(answered).toBeLessThanOrEqual(3_000);
  rig.say(21, { type: "ping", nonce: 1 });
  expect(rig.told(21, "pong").nonce).toBe(1);
});

it("forgets an address once nothing is known of it but full buckets", () => {
  const rig = createCoreRig();
  rig.enter(1, "9.9.9.9");
  rig.feed({ type: "closed", session: 1 });
  rig.advance(60_000);
  rig.feed({ type: "tick" });
  for (let session = 2; session <= 201; session++) rig.open(session, "9.9.9.9");
  expect(rig.isClosed(201)).toBe(false);
});

it("tells everybody when it shuts down, and newcomers too", () => {
  const rig = createCoreRig();
  rig.enter(1);
  rig.admit(2);
  rig.open(3);
  rig.feed({ type: "shutdown" });
  for (const session of [1, 2, 3]) {
    expect(rig.told(session, "error")).toMatchObject({ code: "shutting-down", fatal: true });
    expect(rig.isClosed(session)).toBe(true);
  }
  rig.open(4);
  expect(rig.told(4, "error").code).toBe("shutting-down");
});

it("keeps a session's ticket over re-announces and moves it with another title", () => {
  const rig = createCoreRig();
  rig.enter(1);
  const { ticket, swarm } = rig.told(1, "swarm");
  rig.say(1, joinMessage("film", { wantedPeers: 3 }));
  expect(rig.told(1, "swarm")).toMatchObject({ ticket, swarm, viewerCount: 1 });
  rig.join(1, "another film");
  expect(rig.told(1, "swarm").swarm).not.toEqual(swarm);
  expect(rig.core.stats().swarms).toHaveLength(1);
});
