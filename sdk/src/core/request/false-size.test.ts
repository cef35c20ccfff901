import { CHUNK_BYTES, MAX_SEGMENT_BYTES, PIECE_BYTES, peerKeyOf, pieceCountOf } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import { createWorld, type Viewer, type WorldOptions } from "../testing/world.ts";

const liar = peerKeyOf(new Uint8Array(16).fill(200));
const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0 };

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
const writesOf = ({ sent }: Viewer) => sent.filter((output) => output.type === "write-chunk");
const idOf = (sequence: number) => ({ track: 7, sequence, part: -1, fingerprint: 1000 + sequence });

describe("a size that a neighbour names before the root is known", () => {
  for (const [name, sizeBytes] of [
    ["too small", 1_000],
    ["too large", MAX_SEGMENT_BYTES],
  ] as const) {
    it(`in PROGRESS, ${name}: nobody is blamed, and the honest holder's bytes are used`, () => {
      const { world, holder, victim } = withLiar({}, (viewer, sequence) =>
        viewer.input({
          type: "peer-message",
          peer: liar,
          message: { type: "progress", segment: idOf(sequence), sizeBytes, availableBytes: 0 },
        }),
      );
      world.run(60_000);
      expect(warnings(victim)).toEqual([]);
      expect(victim.delivered).toHaveLength(15);
      expect(victim.stalls).toBe(0);
      expect(victim.core.stats().segmentsFromPeers).toBeGreaterThan(10);
      expect(victim.core.stats().peerList.map(({ id }) => id)).toContain(holder.peer);
      for (const { sizeBytes: known } of writesOf(victim)) expect([null, 250_000]).toContain(known);
    });

    it(`in PIECE_HASHES, ${name}: its author alone is blamed, once there is a root`, () => {
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
      expect(warnings(victim).map(({ code }) => code)).toEqual(["peer-lied"]);
      expect(warnings(victim)[0]!.message).toContain(liar.slice(0, 8));
      expect(victim.delivered).toHaveLength(15);
      expect(victim.core.stats().segmentsFromPeers).toBeGreaterThan(10);
      for (const { sizeBytes: known } of writesOf(victim)) expect([null, 250_000]).toContain(known);
    });
  }

  it("is not needed: bytes that came before the root are proved and played when it comes", () => {
    const world = createWorld({ roots: false, rootsMs: 600 });
    const holder = world.addViewer();
    holder.play();
    world.run(30_000);
    const victim = world.addViewer();
    victim.play();
    world.run(60_000);
    const unsized = writesOf(victim).filter(({ sizeBytes }) => sizeBytes === null);
    expect(unsized.length).toBeGreaterThan(10);
    expect(victim.core.stats()).toMatchObject({ segmentsFromPeers: 14, wastedBytes: 0 });
    expect(world.cdnCopies()).toBe(16);
    expect(victim.stalls).toBe(0);
  });
});

describe("bytes of a segment whose size nobody trusted has told", () => {
  /** Asked of the liar alone: it answers what the test says. */
  function asked() {
    const world = createWorld({ roots: false, rootsMs: 60_000, segmentMs: 10_000 });
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
    world.run(10);
    const request = victim.sent.find(
      (output) => output.type === "send-to-peer" && output.message.type === "request",
    ) as { message: { requestId: number } } | undefined;
    expect(request).toBeDefined();
    const chunk = (offsetBytes: number, lengthBytes = CHUNK_BYTES) =>
      victim.input({
        type: "chunk-received",
        peer: liar,
        requestId: request!.message.requestId,
        offsetBytes,
        lengthBytes,
        data: new Uint8Array(1),
      });
    return { world, victim, chunk };
  }

  it("are kept up to 16 MiB, however many the neighbour sends", () => {
    const { victim, chunk } = asked();
    for (let at = 0; at < MAX_SEGMENT_BYTES; at += CHUNK_BYTES) chunk(at);
    const ends = writesOf(victim).map(({ offsetBytes }) => offsetBytes + CHUNK_BYTES);
    expect(Math.max(...ends)).toBe(16 * 1024 * 1024);
    expect(warnings(victim)).toEqual([]);
    chunk(MAX_SEGMENT_BYTES);
    expect(warnings(victim).map(({ code }) => code)).toEqual(["peer-garbage"]);
  });

  it("that reach over the border of a piece are garbage: they could spoil another's piece", () => {
    const { victim, chunk } = asked();
    chunk(0, 10);
    for (let at = 10; at < PIECE_BYTES; at += CHUNK_BYTES) chunk(at);
    expect(warnings(victim).map(({ code }) => code)).toEqual(["peer-garbage"]);
    expect(writesOf(victim).every(({ offsetBytes }) => offsetBytes < PIECE_BYTES)).toBe(true);
  });

  it("that go beyond the end of their own list are garbage", () => {
    const { victim, chunk } = asked();
    victim.input({
      type: "peer-message",
      peer: liar,
      message: {
        type: "piece-hashes",
        segment: idOf(1),
        sizeBytes: CHUNK_BYTES + 100,
        hashes: new Uint8Array(32),
      },
    });
    chunk(0);
    expect(warnings(victim)).toEqual([]);
    chunk(CHUNK_BYTES);
    expect(warnings(victim).map(({ code }) => code)).toEqual(["peer-garbage"]);
  });

  it("that go beyond the end the CDN told are passed over without blame: it may be another version", () => {
    const { world, victim, chunk } = asked();
    for (let at = 0; at < 4; at++) chunk(at * CHUNK_BYTES);
    victim.input({ type: "stalled" });
    world.run(2000);
    for (let at = 4; at < 20; at++) chunk(at * CHUNK_BYTES);
    world.run(5000);
    expect(warnings(victim).map(({ code }) => code)).toEqual(["stall-while-waiting"]);
    expect(victim.delivered.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });
});
