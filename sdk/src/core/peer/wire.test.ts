import { MAX_PIECES, type PeerMessage, pieceSetOf } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

/** What a neighbour says that decodes, and that nobody asked for: the table is in docs/BAD-INPUT.md. */
const segment = { track: 7, sequence: 2, part: -1, fingerprint: 1002 };
const stranger = {
  track: 2 ** 32 - 1,
  sequence: Number.MAX_SAFE_INTEGER,
  part: 65_535,
  fingerprint: 2 ** 32 - 1,
};
const position = {
  track: 2 ** 32 - 1,
  audioTrack: 2 ** 32 - 1,
  wanted: Number.MAX_SAFE_INTEGER,
  audioWanted: Number.MAX_SAFE_INTEGER,
  positionMs: Number.MAX_SAFE_INTEGER,
  uplinkClass: 8,
};
const request = {
  type: "request",
  requestId: 2 ** 32 - 1,
  segment,
  firstPiece: 0,
  pieceCount: 0,
  deadlineMs: 1_000,
  wantsList: true,
} as const;

/** A viewer in the middle of a film hears this from its only neighbour, and plays on to the end. */
function hears(...messages: readonly PeerMessage[]) {
  const world = createWorld();
  const neighbour = world.addViewer();
  neighbour.play();
  world.run(5_000);
  const viewer = world.addViewer();
  viewer.play();
  world.run(2_000);
  const before = viewer.sent.length;
  for (const message of messages) {
    if (message.type === "piece") throw new Error("chunks come in by another way");
    viewer.input({ type: "peer-message", peer: neighbour.peer, message });
  }
  const answers = viewer.sent
    .slice(before)
    .flatMap((output) => (output.type === "send-to-peer" ? [output.message] : []));
  const linkCount = viewer.core.stats().peers;
  world.run(60_000);
  expect(viewer.delivered).toHaveLength(15);
  expect(viewer.stalls).toBe(0);
  const warnings = viewer.events.flatMap((event) => (event.type === "warning" ? [event.code] : []));
  return { answers, linkCount, warnings };
}

it.each<readonly [title: string, ends: "passed over", message: PeerMessage]>([
  ["wire: CANCEL, not asked for", "passed over", { type: "cancel", requestId: 987_654 }],
  ["wire: REJECT, not asked for", "passed over", { type: "reject", requestId: 987_654, reason: "gone" }],
  ["wire: PONG of a peer, not asked for", "passed over", { type: "pong", nonce: 9 }],
])("%s: %s", (_, __, message) => {
  expect(hears(message)).toEqual({ answers: [], linkCount: 1, warnings: [] });
});

it.each<readonly [title: string, ends: "not-held", message: PeerMessage]>([
  ["wire: REQUEST, not asked for", "not-held", { ...request, segment: stranger }],
  [
    "REQUEST beyond the end of its segment",
    "not-held",
    { ...request, segment: { ...segment, sequence: 0, fingerprint: 1000 }, firstPiece: MAX_PIECES - 1 },
  ],
])("%s: %s", (_, reason, message) => {
  const { answers, linkCount, warnings } = hears(message);
  expect(answers).toEqual([{ type: "reject", requestId: request.requestId, reason }]);
  expect([linkCount, warnings]).toEqual([1, []]);
});

it.each([["wire: PIECE_HASHES, not asked for", "passed over", 0]] as const)("%s: %s", (_, __, sequence) => {
  const world = createWorld({ cdnBps: 1_000_000 });
  const [neighbour, viewer] = [world.addViewer(), world.addViewer()];
  neighbour.want(1);
  viewer.want(1);
  world.run(6_000);
  expect(viewer.core.stats().peers).toBe(1);
  // The CDN is asked for this one alone, since nobody else has it.
  viewer.want(sequence);
  world.run(300);
  const { id } = world.segment(sequence);
  const list = { type: "piece-hashes", segment: id, sizeBytes: 9, hashes: new Uint8Array(32) } as const;
  viewer.input({ type: "peer-message", peer: neighbour.peer, message: list });
  world.run(6_000);
  expect(viewer.delivered.map((segment) => segment.sequence)).toEqual([1, sequence]);
  expect(viewer.core.stats().peers).toBe(1);
  expect(viewer.events.filter((event) => event.type === "warning")).toEqual([]);
});

describe("numbers at their limits", () => {
  it.each<PeerMessage>([
    { type: "have", position, added: [stranger], removed: [stranger] },
    { type: "bitfield", position, segments: [stranger] },
    { type: "progress", segment: stranger, pieces: pieceSetOf(MAX_PIECES, () => true) },
    {
      ...request,
      segment: { ...segment, sequence: 0, fingerprint: 1000 },
      deadlineMs: Number.MAX_SAFE_INTEGER,
    },
    { type: "subscribe", track: 2 ** 32 - 1, on: true },
  ])("of $type end no link and no playback", (message) => {
    expect(hears(message)).toMatchObject({ linkCount: 1, warnings: [] });
  });

  it.each([
    [0, 0],
    [Number.MAX_SAFE_INTEGER, 0],
    [Number.MAX_SAFE_INTEGER, 2 ** 32 - 1],
  ])("of a tracker's SWARM end no playback: %s viewers, %s copies", (viewerCount, copiesTarget) => {
    const world = createWorld();
    const viewers = [world.addViewer(), world.addViewer(), world.addViewer()];
    for (const viewer of viewers) {
      viewer.play();
      viewer.input({ type: "swarm", viewerCount, copiesTarget, ticket: 2 ** 32 - 1 });
    }
    world.run(70_000);
    expect(viewers.map(({ delivered, stalls }) => [delivered.length, stalls])).toEqual(
      new Array(3).fill([15, 0]),
    );
  });
});
