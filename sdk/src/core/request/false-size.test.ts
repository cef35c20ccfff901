import { CHUNK_BYTES, MAX_SEGMENT_BYTES, PIECE_BYTES, peerKeyOf, pieceCountOf } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import { createWorld, type Viewer, type WorldOptions } from "../testing/world.ts";

const liar = peerKeyOf(new Uint8Array(16).fill(200));
const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass: 6 };

/** A holder of the whole title, and a victim that a liar told its sizes before anybody else could. */
function withLiar(options: WorldOptions, lie: (victim: Viewer, sequence: number) => void) {
  const world = createWorld({ roots: false, rootsMs: 400, ...options });
  const holder = world.addViewer();
  holder.play();
  world.run(30_000);
  const victim = world.addViewer();
  victim.play();
  world.run(60);
  victim.input({ type: "peer-connected", peer: liar, ticket: 5 });
  const again = () => {
    for (let sequence = 0; sequence < 15; sequence++) lie(victim, sequence);
    if (world.now() < 32_000) world.at(30, again);
  };
  again();
  return { world, holder, victim };
}

const warnings = ({ events }: Viewer) => events.filter((event) => event.type === "warning");
const requestsOf = ({ sent }: Viewer) =>
  sent.flatMap((output) =>
    output.type === "send-to-peer" && output.message.type === "request" ? [output.message] : [],
  );
const writesOf = ({ sent }: Viewer) => sent.filter((output) => output.type === "write-chunk");
const idOf = (sequence: number) => ({ track: 7, sequence, part: -1, fingerprint: 1000 + sequence });

describe("a size that a neighbour names before the root is known", () => {
  for (const [name, sizeBytes] of [
    ["too small", 1_000],
    ["too large", MAX_SEGMENT_BYTES],
  ] as const) {
    it(`in PIECE_HASHES that nobody asked for, ${name}: it counts for nothing, and the honest are not blamed`, () => {
      const { world, victim } = withLiar({}, (viewer, sequence) =>
        viewer.input({
          type: "peer-message",
          peer: liar,
          message: {
            type: "piece-hashes",
            segment: idOf(sequence),
            sizeBytes,
            hashes: new Uint8Array(32 * pieceCountOf(sizeBytes)),
          },
        }),
      );
      world.run(60_000);
      for (const { message } of warnings(victim)) expect(message).toContain(liar.slice(0, 8));
      expect(victim.delivered).toHaveLength(15);
      expect(victim.core.stats().segmentsFromPeers).toBeGreaterThan(10);
      for (const { sizeBytes: known } of writesOf(victim)) expect(known).toBe(250_000);
    });
  }

  it("is not needed: nothing is asked of peers before the root tells it, and everything after", () => {
    const world = createWorld({ roots: false, rootsMs: 600 });
    const holder = world.addViewer();
    holder.play();
    world.run(30_000);
    const victim = world.addViewer();
    victim.play();
    world.run(500);
    expect(requestsOf(victim)).toEqual([]);
    world.run(60_000);
    expect(victim.core.stats()).toMatchObject({ segmentsFromPeers: 14, wastedBytes: 0 });
    expect(world.cdnCopies()).toBe(16);
    expect(victim.stalls).toBe(0);
  });
});

describe("lists of pieces", () => {
  it("are asked for once per partner and segment, however many pieces it brings", () => {
    const world = createWorld();
    const holder = world.addViewer();
    holder.play();
    world.run(30_000);
    const victim = world.addViewer();
    victim.play();
    world.run(60_000);
    const asked = requestsOf(victim);
    const wants = asked.filter(({ wantsList }) => wantsList).map(({ segment }) => segment.sequence);
    expect(asked.length).toBeGreaterThan(3 * wants.length);
    expect(new Set(wants).size).toBe(wants.length);
    expect(holder.sent.filter(({ type }) => type === "send-hashes")).toHaveLength(wants.length);
  });

  it("that three liars sent do not keep the one of an honest partner out for good", () => {
    const world = createWorld({ roots: false, rootsMs: 600, segmentMs: 10_000 });
    const victim = world.addViewer();
    const liars = [201, 202, 203].map((byte) => peerKeyOf(new Uint8Array(16).fill(byte)));
    victim.play();
    for (const peer of liars) {
      victim.input({ type: "peer-connected", peer, ticket: 5 });
      for (let sequence = 0; sequence < 15; sequence++)
        victim.input({
          type: "peer-message",
          peer,
          message: {
            type: "piece-hashes",
            segment: idOf(sequence),
            sizeBytes: 9,
            hashes: new Uint8Array(32),
          },
        });
    }
    world.addViewer().play();
    world.run(60_000);
    expect(warnings(victim)).toEqual([]);
    expect(victim.core.stats().segmentsFromPeers).toBeGreaterThan(0);
  });
});

describe("bytes of a piece that was asked for", () => {
  /** Asked of the liar alone: it answers what the test says. */
  function asked() {
    const world = createWorld({ segmentMs: 10_000 });
    const victim = world.addViewer();
    victim.want(0);
    world.run(1000);
    victim.input({ type: "peer-connected", peer: liar, ticket: 5 });
    victim.input({
      type: "peer-message",
      peer: liar,
      message: { type: "bitfield", position, segments: [1, 2, 3].map(idOf) },
    });
    victim.want(1);
    const [request] = requestsOf(victim);
    const start = request!.firstPiece * PIECE_BYTES;
    const chunk = (offsetBytes: number, lengthBytes: number) =>
      victim.input({
        type: "chunk-received",
        peer: liar,
        requestId: request!.requestId,
        offsetBytes: start + offsetBytes,
        lengthBytes,
        data: new Uint8Array(1),
      });
    const end = Math.min(PIECE_BYTES, 250_000 - start);
    return { victim, chunk, end };
  }

  it("T3 that reach over the border of the piece are garbage: they could spoil another's piece", () => {
    const { victim, chunk, end } = asked();
    chunk(0, 10);
    for (let at = 10; at < end; at += CHUNK_BYTES) chunk(at, CHUNK_BYTES);
    expect(warnings(victim).map(({ code }) => code)).toEqual(["peer-garbage"]);
  });

  it("that leave a gap are garbage", () => {
    const { victim, chunk } = asked();
    chunk(CHUNK_BYTES, CHUNK_BYTES);
    expect(warnings(victim).map(({ code }) => code)).toEqual(["peer-garbage"]);
    expect(writesOf(victim)).toEqual([]);
  });
});
