import fc from "fast-check";
import { expect, it } from "vitest";
import { peerKeyOf, segmentKeyOf, type PeerKey } from "@tributary/protocol";
import {
  createCoreRig,
  helloMessage,
  peerKeyOfSession,
  peerOfSession,
  segmentOf,
  type CoreRig,
  descriptionBody,
} from "../testing/core-rig.ts";
import { createSeededRandom } from "../testing/seeded-random.ts";

/** Who may signal whom by the rules, kept apart from the core from what the core told. */
function createModel() {
  const introduced = new Map<PeerKey, Set<PeerKey>>();
  const of = (peer: PeerKey) => {
    const found = introduced.get(peer) ?? new Set<PeerKey>();
    introduced.set(peer, found);
    return found;
  };
  return {
    introduce(one: PeerKey, other: PeerKey) {
      of(one).add(other);
      of(other).add(one);
    },
    forget(peer: PeerKey) {
      for (const other of of(peer)) of(other).delete(peer);
      introduced.delete(peer);
    },
    has: (one: PeerKey, other: PeerKey) => of(one).has(other),
  };
}

const TITLES = ["a", "bb", "ccc"];

function playTraffic(seed: number, steps: number): string[] {
  const random = createSeededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const rig = createCoreRig({}, seed);
  const model = createModel();
  const titles = new Map<number, string>();
  const open = new Set<number>();
  const log: string[] = [];
  let last = 0;

  const anySession = () => [...open][below(open.size)] ?? 0;
  const step = () => {
    const session = anySession();
    switch (below(10)) {
      case 0:
      case 1: {
        const opened = ++last;
        rig.open(opened, `9.9.${opened % 5}.${opened % 7}`);
        open.add(opened);
        if (below(10) === 0) return;
        rig.say(opened, helloMessage);
        if (below(10) === 0) return;
        rig.feed({
          type: "hello-checked",
          session: opened,
          verdict: { kind: "signed", peer: peerOfSession(opened) },
        });
        return;
      }
      case 2:
      case 3:
        join(session);
        return;
      case 4:
        rig.feed({ type: "closed", session });
        open.delete(session);
        titles.delete(session);
        model.forget(peerKeyOfSession(session));
        return;
      case 5:
        rig.say(session, { type: "leave" });
        titles.delete(session);
        model.forget(peerKeyOfSession(session));
        return;
      case 6:
        rig.feed({ type: "garbage", session, reason: "noise", sizeBytes: below(100) });
        return;
      case 7: {
        const segments = [{ id: segmentOf(below(5)), url: "http://o/x", rangeStart: 0, rangeLength: 0 }];
        rig.say(session, { type: "hashes", segments });
        for (const output of rig.out)
          if (output.type === "verify-segment" && below(2) === 0)
            rig.feed({
              type: "segment-verified",
              swarm: output.swarm,
              segment: segmentKeyOf(output.segment),
              name: output.name,
              result: { ok: true, sizeBytes: 1, root: new Uint8Array(32) },
            });
        return;
      }
      default:
        signal(session, anySession());
    }
  };

  function join(session: number) {
    const title = TITLES[below(TITLES.length)] ?? "";
    const wantedPeers = below(12);
    if (titles.get(session) !== title) model.forget(peerKeyOfSession(session));
    rig.join(session, title, { wantedPeers, origins: ["http://o"] });
    const answer = rig.sentTo(session).find((message) => message.type === "peers");
    if (answer?.type !== "peers") return;
    titles.set(session, title);
    const named = answer.peers.map(({ peer }) => peerKeyOf(peer));
    expect(named.length).toBeLessThanOrEqual(wantedPeers);
    expect(new Set(named).size).toBe(named.length);
    for (const key of named) {
      const other = Number.parseInt(key.slice(0, 8), 16);
      expect(other).not.toBe(session);
      expect(titles.get(other)).toBe(title);
      expect(model.has(peerKeyOfSession(session), key)).toBe(false);
      model.introduce(peerKeyOfSession(session), key);
    }
  }

  function signal(session: number, to: number) {
    rig.say(session, { type: "signal", peer: peerOfSession(to), kind: "offer", body: descriptionBody() });
    const relayed = rig.out.filter((output) => output.type === "send" && output.message.type === "signal");
    expect(relayed.length).toBe(model.has(peerKeyOfSession(session), peerKeyOfSession(to)) ? 1 : 0);
    expect(relayed.every((output) => output.type === "send" && output.session === to)).toBe(true);
  }

  for (let at = 0; at < steps; at++) {
    step();
    dropCut(rig);
    log.push(JSON.stringify(rig.out));
    rig.advance(below(2_000));
    rig.feed({ type: "tick" });
    dropCut(rig);
  }

  function dropCut(from: CoreRig) {
    for (const output of from.out) {
      if (output.type !== "close") continue;
      open.delete(output.session);
      titles.delete(output.session);
      model.forget(peerKeyOfSession(output.session));
    }
  }

  const { sessions, swarms } = rig.core.stats();
  expect(Object.values(sessions).reduce((sum, count) => sum + count, 0)).toBe(open.size);
  expect(sessions.joined).toBe(titles.size);
  expect(swarms.reduce((sum, { viewers, seeders }) => sum + viewers + seeders, 0)).toBe(titles.size);
  expect(swarms.length).toBe(new Set(titles.values()).size);
  return log;
}

it("keeps its rules whatever clients do: only introduced peers meet, and the counts add up", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => void playTraffic(seed, 250)),
    { numRuns: 60 },
  );
});

it("does the same for the same seed", () => {
  expect(playTraffic(42, 300)).toEqual(playTraffic(42, 300));
});
