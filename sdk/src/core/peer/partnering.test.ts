import { peerKeyOf, PIECE_BYTES, segmentKeyOf, type PeerKey } from "@tributary/protocol";
import { expect, it } from "vitest";
import { createCore, defaultCoreConfig, type Input, type Output } from "../index.ts";
import { linkPaceMs, partedRestMs, replaceIntervalMs } from "../limits.ts";
import type { SegmentInfo } from "../model.ts";

const key = (byte: number) => peerKeyOf(new Uint8Array(16).fill(byte));

function segment(sequence: number): SegmentInfo {
  const id = { track: 7, sequence, part: -1, fingerprint: 1000 + sequence };
  return {
    id,
    key: segmentKeyOf(id),
    startMs: sequence * 4000,
    durationMs: 4000,
    source: { url: `https://cdn.test/${sequence}.ts`, rangeStartBytes: null, rangeLengthBytes: null },
    root: { hash: `root-${sequence}`, sizeBytes: 100_000 },
  };
}

/** A viewer that got its first segment at 100 ms and showed its first frame when told to, in a swarm of a hundred. */
function joiner() {
  const core = createCore(defaultCoreConfig);
  const connects: { peer: PeerKey; atMs: number }[] = [];
  const announces: { atMs: number; wantedPeers: number }[] = [];
  const closes: { peer: PeerKey; reason: string }[] = [];
  const fetches: { segment: string; atMs: number }[] = [];
  function feed(atMs: number, input: Input) {
    const out: Output[] = [];
    core.handle(input, atMs, out);
    for (const output of out) {
      if (output.type === "connect-peer") connects.push({ peer: output.peer, atMs });
      if (output.type === "announce") announces.push({ atMs, wantedPeers: output.wantedPeers });
      if (output.type === "close-peer") closes.push({ peer: output.peer, reason: output.reason });
      if (output.type === "http-fetch") fetches.push({ segment: output.segment, atMs });
    }
  }
  /** Wakes the core whenever it asks for it. */
  function run(fromMs: number, toMs: number) {
    for (let atMs = fromMs; atMs <= toMs; atMs += 10)
      if ((core.nextDeadlineMs() ?? Infinity) <= atMs) feed(atMs, { type: "tick" });
  }
  const want = (sequence: number, atMs: number) =>
    feed(atMs, {
      type: "segment-wanted",
      request: sequence,
      segment: segment(sequence),
      kind: "main",
      timeouts: { firstByteMs: 10_000, loadMs: 120_000 },
      shareable: true,
    });
  want(0, 0);
  feed(100, { type: "http-done", fetch: 1, receivedBytes: 100_000 });
  feed(110, { type: "tracker-ready", p2pAllowed: true, verifier: false });
  feed(110, { type: "swarm", viewerCount: 100, copiesTarget: 3, ticket: 1 });
  return { core, connects, announces, closes, fetches, feed, run, want };
}

/** The same with so many partners from 300 ms on, none of which gives or takes anything by itself. */
function linked(count: number) {
  const viewer = joiner();
  const { feed } = viewer;
  feed(150, { type: "segment-hashed", segment: segment(0).key, sizeBytes: 100_000, root: "root-0" });
  feed(200, { type: "first-frame" });
  const meets = (byte: number, atMs: number) =>
    feed(atMs, { type: "peer-connected", peer: key(byte), ticket: byte });
  for (let byte = 1; byte <= count; byte++) meets(byte, 300);
  /** So many of them take the end of the first segment, one after another. */
  const take = (takers: number, atMs: number) => {
    const piece = { requestId: 1, firstPiece: 1, pieceCount: 1, deadlineMs: 8000, wantsList: false };
    const message = { type: "request", segment: segment(0).id, ...piece } as const;
    for (let byte = 1; byte <= takers; byte++) {
      feed(atMs + byte * 200, { type: "peer-message", peer: key(byte), message });
      for (const laterMs of [50, 100])
        feed(atMs + byte * 200 + laterMs, { type: "peer-buffered", peer: key(byte), bufferedBytes: 0 });
    }
    expect(viewer.core.stats().uploadedBytes).toBe(takers * (100_000 - PIECE_BYTES));
  };
  return { ...viewer, meets, take };
}

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ peer: key(index + 1), ticket: index }));

it("begins two connections with the first frame and the rest one by one: all at once took the processor from playback", () => {
  const { connects, feed, run } = joiner();
  feed(120, { type: "peers-named", peers: names(5) });
  run(120, 190);
  expect(connects).toEqual([]);
  feed(200, { type: "first-frame" });
  run(200, 3000);
  expect(connects.map(({ atMs }) => atMs - 200)).toEqual([0, 0, linkPaceMs, 2 * linkPaceMs, 3 * linkPaceMs]);
});

it("asks the tracker for more only for places that those it named cannot fill", () => {
  const { connects, announces, feed, run } = joiner();
  feed(200, { type: "first-frame" });
  feed(210, { type: "peers-named", peers: names(4) });
  run(210, 220);
  expect(connects).toHaveLength(2);
  expect(announces.map(({ wantedPeers }) => wantedPeers)).toEqual([defaultCoreConfig.partnersTarget]);
  run(220, 4000);
  expect(connects).toHaveLength(4);
  run(4000, 6000);
  expect(announces.map(({ wantedPeers }) => wantedPeers)).toEqual([
    defaultCoreConfig.partnersTarget,
    defaultCoreConfig.partnersTarget - 4,
  ]);
});

it("a machine that needed two seconds for its first frame asks the CDN as much sooner: its next segment came too late", () => {
  const askedAtMs = (frameAtMs: number) => {
    const { fetches, feed, run, want } = joiner();
    feed(frameAtMs, { type: "first-frame" });
    feed(frameAtMs, { type: "peers-named", peers: names(1) });
    feed(frameAtMs, { type: "peer-connected", peer: key(1), ticket: 0 });
    feed(frameAtMs, {
      type: "playhead",
      positionMs: 0,
      rate: 1,
      bufferedEndMs: 4000,
      paused: false,
      hidden: false,
    });
    // The neighbour claims the segment again and again, and brings nothing.
    want(1, frameAtMs);
    for (let atMs = frameAtMs; atMs < frameAtMs + 4000; atMs += 500) {
      const progress = { type: "progress", segment: segment(1).id, pieces: new Uint8Array() } as const;
      feed(atMs, { type: "peer-message", peer: key(1), message: progress });
      run(atMs, atMs + 490);
    }
    const own = fetches.filter(({ segment: fetched }) => fetched === segment(1).key);
    expect(own).toHaveLength(1);
    return own[0]!.atMs - frameAtMs;
  };
  const [fast, slow] = [askedAtMs(200), askedAtMs(1600)];
  // 1500 ms from the first segment to the first frame, where 250 are allowed for anyhow.
  expect(fast - slow).toBeGreaterThan(1000);
});

const { partnersTarget, partnersMax } = defaultCoreConfig;
const idleAtMs = 300 + replaceIntervalMs;

it("a viewer whose places were all taken by partners of no use refused everybody, for ever", () => {
  const { closes, feed, meets, take } = linked(partnersMax);
  take(partnersMax - 1, 20_000);
  meets(20, idleAtMs - 1);
  expect(closes).toEqual([{ peer: key(20), reason: "full" }]);
  meets(21, idleAtMs);
  expect(closes.slice(1)).toEqual([{ peer: key(partnersMax), reason: "replaced" }]);
  feed(idleAtMs, { type: "peer-closed", peer: key(partnersMax), reason: "replaced" });
  meets(22, idleAtMs + replaceIntervalMs - 1);
  expect(closes.slice(2), "one in that time, however many there are").toEqual([
    { peer: key(22), reason: "full" },
  ]);
  meets(23, idleAtMs + replaceIntervalMs);
  expect(closes.slice(3)).toEqual([{ peer: key(1), reason: "replaced" }]);
});

it("nobody is parted with who gave or took anything in the last half minute", () => {
  const { closes, meets, take } = linked(partnersMax);
  take(partnersMax, 20_000);
  meets(20, idleAtMs);
  expect(closes).toEqual([{ peer: key(20), reason: "full" }]);
});

it("asks for one more while a partner is of no use, and keeps that until another is here", () => {
  const { announces, closes, connects, feed, run, want } = linked(partnersTarget);
  run(300, idleAtMs);
  announces.splice(0);
  feed(idleAtMs, { type: "first-frame" });
  expect(announces, "who wants nothing needs nobody").toEqual([]);
  want(1, idleAtMs);
  expect(announces).toEqual([{ atMs: idleAtMs, wantedPeers: 1 }]);
  feed(idleAtMs + 50, { type: "peers-named", peers: [] });
  feed(idleAtMs + replaceIntervalMs - 1, { type: "first-frame" });
  expect(announces).toHaveLength(1);
  feed(idleAtMs + replaceIntervalMs, { type: "first-frame" });
  expect(announces).toHaveLength(2);
  feed(idleAtMs + replaceIntervalMs + 50, { type: "peers-named", peers: [{ peer: key(20), ticket: 20 }] });
  expect(connects.map(({ peer }) => peer)).toEqual([key(20)]);
  expect(closes).toEqual([]);
});

it("viewers that lost their link were strangers from then on: the tracker introduces no pair twice", () => {
  const { announces, connects, feed, run } = linked(partnersTarget);
  const partedAtMs = 1000;
  for (const byte of [2, 1]) feed(partedAtMs, { type: "peer-closed", peer: key(byte), reason: "ICE failed" });
  for (let seen = 0, atMs = partedAtMs; atMs <= partedAtMs + 3 * partedRestMs; atMs += 10) {
    run(atMs, atMs);
    if (announces.length > seen) feed(atMs, { type: "peers-named", peers: [] });
    seen = announces.length;
  }
  expect(connects.map(({ peer }) => peer)).toEqual([key(2), key(1)]);
  for (const { atMs } of connects) expect(atMs).toBeGreaterThanOrEqual(partedAtMs + partedRestMs);
});

it("a partner that parted is not tried while the tracker names others", () => {
  const { announces, connects, feed, run } = linked(partnersTarget);
  for (const byte of [1, 2]) feed(1000, { type: "peer-closed", peer: key(byte), reason: "silent" });
  let next = 100;
  for (let seen = 0, atMs = 1000; atMs <= 2 * partedRestMs; atMs += 10) {
    run(atMs, atMs);
    if (announces.length > seen)
      feed(atMs, { type: "peers-named", peers: [{ peer: key(next++), ticket: 1 }] });
    seen = announces.length;
    for (const { peer } of connects.splice(0)) {
      expect([key(1), key(2)]).not.toContain(peer);
      feed(atMs, { type: "peer-closed", peer, reason: "not connected within 10 s" });
    }
  }
  expect(next).toBeGreaterThan(101);
});
