import { CHUNK_BYTES, MAX_HAVE_SEGMENTS, PIECE_BYTES, peerKeyOf, type SegmentId } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import type { Input } from "../inputs.ts";
import { createWorld, type Viewer } from "../testing/world.ts";

type Message = Extract<Input, { type: "peer-message" }>["message"];

const stranger = peerKeyOf(new Uint8Array(16).fill(200));
const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass: 6 };
const invented = (number: number): SegmentId => ({
  track: 9,
  sequence: number,
  part: -1,
  fingerprint: number,
});
const idOf = (sequence: number): SegmentId => ({
  track: 7,
  sequence,
  part: -1,
  fingerprint: 1000 + sequence,
});

/** A viewer that holds the whole title, linked with a neighbour that the test speaks for. */
function linked() {
  const world = createWorld();
  const viewer = world.addViewer();
  viewer.play();
  world.run(30_000);
  viewer.input({ type: "peer-connected", peer: stranger, ticket: 5 });
  return { world, viewer };
}

const say = (viewer: Viewer, message: Message) =>
  viewer.input({ type: "peer-message", peer: stranger, message });
const isLinked = ({ core }: Viewer) => core.stats().peerList.some(({ id }) => id === stranger);
const warnings = ({ events }: Viewer) => events.filter((event) => event.type === "warning");

const request = (requestId: number, sequence = 1, firstPiece = 0): Message => ({
  type: "request",
  requestId,
  segment: idOf(sequence),
  firstPiece,
  pieceCount: 1,
  deadlineMs: 4000,
  wantsList: true,
});

const floods: Record<string, (at: number) => Message> = {
  REQUEST: (at) => request(at),
  CANCEL: (at) => ({ type: "cancel", requestId: at }),
  REJECT: (at) => ({ type: "reject", requestId: at, reason: "busy" }),
  PROGRESS: (at) => ({ type: "progress", segment: invented(at), pieces: new Uint8Array([1]) }),
  HAVE: (at) => ({
    type: "have",
    position,
    added: Array.from({ length: MAX_HAVE_SEGMENTS }, (_, index) => invented(at * MAX_HAVE_SEGMENTS + index)),
    removed: [],
  }),
  BITFIELD: () => ({
    type: "bitfield",
    position,
    segments: Array.from({ length: 3000 }, (_, at) => invented(at)),
  }),
  PIECE_HASHES: (at) => ({
    type: "piece-hashes",
    segment: invented(at),
    sizeBytes: PIECE_BYTES,
    hashes: new Uint8Array(32),
  }),
  SUBSCRIBE: (at) => ({ type: "subscribe", track: at, on: true }),
  CHOKE: () => ({ type: "choke", choked: false }),
  PING: (at) => ({ type: "ping", nonce: at }),
  PONG: (at) => ({ type: "pong", nonce: at }),
  PEERS: () => ({ type: "peers", peers: [] }),
  RECEIPT: () => ({ type: "receipt", bytes: new Uint8Array(0) }),
};

describe("a neighbour that floods", () => {
  for (const [name, message] of Object.entries(floods)) {
    it(`with ${name} is thrown out with one warning that says so`, () => {
      const { viewer } = linked();
      let said = 0;
      while (isLinked(viewer) && said < 20_000) say(viewer, message(said++));
      expect(said).toBeLessThan(5000);
      const [warning, ...others] = warnings(viewer);
      expect(warning).toMatchObject({ code: "peer-garbage" });
      expect(warning!.message).toMatch(new RegExp(`more messages than anybody needs .*${name}\\b`));
      expect(others).toEqual([]);
      const heard = viewer.sent.length;
      say(viewer, message(said));
      expect(viewer.sent).toHaveLength(heard);
    });
  }

  it("slowly, for an hour, is thrown out as well", () => {
    const { world, viewer } = linked();
    let said = 0;
    while (isLinked(viewer) && said < 20_000) {
      say(viewer, { type: "subscribe", track: said++, on: true });
      world.run(20);
    }
    expect(said).toBeLessThan(1000);
  });

  it("with chunks of a transfer that was called off is thrown out, while those under way are forgiven", () => {
    const { world, viewer } = linked();
    world.publish([0]);
    say(viewer, { type: "have", position, added: [idOf(15)], removed: [] });
    world.run(1000);
    const asked = viewer.sent.find(
      (output) => output.type === "send-to-peer" && output.message.type === "request",
    );
    expect(asked).toBeDefined();
    const { requestId } = (asked as { message: { requestId: number } }).message;
    say(viewer, { type: "reject", requestId, reason: "busy" });
    const stray = () =>
      viewer.input({
        type: "chunk-received",
        peer: stranger,
        requestId,
        offsetBytes: 0,
        lengthBytes: CHUNK_BYTES,
        data: new Uint8Array(1),
      });
    for (let at = 0; at < 256; at++) stray();
    expect(isLinked(viewer)).toBe(true);
    for (let at = 0; at < 256; at++) stray();
    expect(isLinked(viewer)).toBe(false);
    expect(warnings(viewer).map(({ code }) => code)).toEqual(["peer-garbage"]);
  });

  it("costs the others nothing", () => {
    const { world, viewer } = linked();
    const second = world.addViewer();
    second.play();
    world.run(500);
    for (let said = 0; said < 20_000; said++) say(viewer, request(said, said % 15));
    world.run(60_000);
    expect(second.delivered).toHaveLength(15);
    expect(second.core.stats().segmentsFromPeers).toBeGreaterThan(12);
    expect(second.events.filter((event) => event.type === "warning")).toEqual([]);
  });
});

describe("a busy honest neighbour", () => {
  it("that joins and fetches a minute of 8 Mbit/s piece by piece at once stays", () => {
    const { viewer } = linked();
    say(viewer, {
      type: "bitfield",
      position,
      segments: Array.from({ length: 3072 }, (_, at) => invented(at)),
    });
    for (let at = 0; at < 920; at++) {
      say(viewer, request(at, at % 15));
      say(viewer, { type: "cancel", requestId: at });
      say(viewer, { type: "progress", segment: invented(at), pieces: new Uint8Array([1]) });
    }
    expect(isLinked(viewer)).toBe(true);
  });

  it("that fetches at 100 Mbit/s for ten minutes stays", () => {
    const { world, viewer } = linked();
    for (let second = 0; second < 600; second++) {
      for (let at = 0; at < 191; at++) {
        say(viewer, request(second * 191 + at, at % 15));
        if (at % 4 === 0)
          say(viewer, { type: "progress", segment: invented(at), pieces: new Uint8Array([1]) });
      }
      say(viewer, { type: "have", position, added: [invented(second)], removed: [] });
      say(viewer, { type: "ping", nonce: second });
      say(viewer, { type: "pong", nonce: second });
      world.run(1000);
    }
    expect(isLinked(viewer)).toBe(true);
    expect(warnings(viewer)).toEqual([]);
  });
});
