import { decodeCandidate, decodeDescription, encodeCandidate } from "@tributary/protocol";
import { expect, it } from "vitest";
import {
  candidateLine,
  createCoreRig,
  descriptionBody,
  peerOfSession,
  type CoreRig,
} from "../testing/core-rig.ts";
import { parseBlock } from "./address.ts";

const victim = "8.8.8.8";

function offer(rig: CoreRig, from: number, to: number, ...candidates: string[]) {
  const body = descriptionBody(candidates);
  rig.say(from, { type: "signal", peer: peerOfSession(to), kind: "offer", body });
}

function trickle(rig: CoreRig, from: number, to: number, candidate: string) {
  const body = encodeCandidate({ candidate });
  rig.say(from, { type: "signal", peer: peerOfSession(to), kind: "candidate", body });
}

/** The candidates that this session was sent in the last step. */
function received(rig: CoreRig, session: number): string[] {
  return rig.sentTo(session).flatMap((message) => {
    if (message.type !== "signal") return [];
    const { kind, body } = message;
    const decoded = kind === "candidate" ? decodeCandidate(body) : decodeDescription(body);
    if (!decoded.ok) throw new Error(decoded.reason);
    return "candidate" in decoded.value ? [decoded.value.candidate] : decoded.value.candidates;
  });
}

const refusals = (rig: CoreRig, session: number) =>
  rig.sentTo(session).flatMap((message) => (message.type === "error" ? [message.code] : []));

/** Two viewers of different networks, introduced. */
function createPair(changes = {}) {
  const rig = createCoreRig(changes);
  rig.enter(1, "9.9.9.9");
  rig.enter(2, "7.7.7.7");
  return rig;
}

it("aims no more checks at a stranger than its share, however many sessions name it and in whatever way", () => {
  const rig = createCoreRig();
  rig.enter(1, "9.9.0.1");
  let checks = 0;
  let elapsedMs = 0;
  for (let session = 2; session <= 1_001; session++) {
    rig.enter(session, `9.${session >> 8}.${session & 255}.1`);
    const named = rig.told(session, "peers").peers.map(({ peer }) => Buffer.from(peer).readUInt32BE(0));
    for (const to of named) {
      const lines = [candidateLine(victim, session), candidateLine(`::ffff:${victim}`, session)];
      offer(rig, session, to, ...lines);
      checks += received(rig, to).length;
      trickle(rig, session, to, candidateLine(victim, 53));
      checks += received(rig, to).length;
    }
    rig.advance(10);
    elapsedMs += 10;
  }
  expect(checks).toBeGreaterThanOrEqual(64);
  expect(checks).toBeLessThanOrEqual(64 + 0.5 * Math.ceil(elapsedMs / 1_000));
  expect(rig.core.stats().candidatesDropped).toBeGreaterThan(10_000);
});

it("passes the sender's own address on to everybody, and says nothing", () => {
  const rig = createPair();
  for (let time = 0; time < 200; time++) {
    trickle(rig, 1, 2, candidateLine("9.9.9.9", time));
    expect(received(rig, 2)).toHaveLength(1);
    rig.advance(100);
  }
  expect(rig.core.stats()).toMatchObject({ candidatesDropped: 0, refusals: {} });
});

it.each([
  ["a private address", "192.168.1.5"],
  ["a name that only the receiver's own network knows", "3f2a8c1e-0b1d-4c5e-9f3a-7b2d6e8c1a90.local"],
  ["a TURN server of the operator", "203.1.113.40"],
  ["a TURN server of the operator over IPv6", "2a00:1450::7"],
])("passes %s on without counting it", (_, address) => {
  const turnBlocks = [parseBlock("203.1.113.0/24")!, parseBlock("2a00:1450::/32")!];
  const rig = createPair({ turnBlocks });
  for (let time = 0; time < 200; time++) {
    trickle(rig, 1, 2, candidateLine(address, time));
    expect(received(rig, 2)).toHaveLength(1);
    rig.advance(100);
  }
});

it("gives an address its share back with time, and forgets who is not named any more", () => {
  const rig = createPair();
  const passed = () => {
    let count = 0;
    for (let time = 0; time < 100; time++) {
      trickle(rig, 1, 2, candidateLine(victim));
      count += received(rig, 2).length;
    }
    return count;
  };
  expect(passed()).toBe(64);
  rig.advance(20_000);
  expect(passed()).toBe(10);
});

it("passes the rest of an offer on, and says once a second why not all of it", () => {
  const rig = createPair();
  const mine = candidateLine("9.9.9.9");
  for (let time = 0; time < 64; time++) offer(rig, 1, 2, candidateLine(victim));
  offer(rig, 1, 2, candidateLine(victim), mine);
  expect(received(rig, 2)).toEqual([mine]);
  expect(refusals(rig, 1)).toEqual(["rate-limited"]);
  offer(rig, 1, 2, candidateLine(victim), mine);
  expect(received(rig, 2)).toEqual([mine]);
  expect(refusals(rig, 1)).toEqual([]);
});

it("lets a session name only so many addresses beside its own", () => {
  const rig = createPair();
  let passed = 0;
  for (let host = 0; host < 40; host++) {
    trickle(rig, 1, 2, candidateLine(`8.8.8.${host}`));
    passed += received(rig, 2).length;
  }
  expect(passed).toBe(16);
});

it.each([
  ["a host name, which the receiver would look up", candidateLine("victim.example")],
  ["a local name that is none", candidateLine("printer.local")],
  ["two spaces, which not all browsers read alike", `1 1 udp 1  ${victim} 5 typ host`],
  ["a prefix of its own", `candidate:1 1 udp 1 ${victim} 5 typ host`.replace("candidate:1", "candidate: 1")],
  ["an address with a leading zero", candidateLine("8.8.8.010")],
  ["an address as one number", candidateLine("134744072")],
  ["another transport", `1 1 sctp 1 ${victim} 5 typ host`],
  ["no type", `1 1 udp 1 ${victim} 5`],
])("refuses a candidate with %s", (_, line) => {
  const rig = createPair();
  trickle(rig, 1, 2, line);
  expect(received(rig, 2)).toEqual([]);
  expect(refusals(rig, 1)).toEqual(["bad-message"]);
});

it("refuses what is no candidate and no description at all", () => {
  const rig = createPair();
  for (const kind of ["offer", "answer", "candidate"] as const) {
    rig.say(1, { type: "signal", peer: peerOfSession(2), kind, body: Uint8Array.of(9, 9, 9) });
    expect(rig.sentTo(2)).toEqual([]);
    expect(refusals(rig, 1)).toEqual(["bad-message"]);
  }
});

it("passes the end of candidates on", () => {
  const rig = createPair();
  trickle(rig, 1, 2, "");
  expect(received(rig, 2)).toEqual([""]);
});
