import { CHUNK_BYTES, PIECE_BYTES, peerKeyOf } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import type { PeerMessage } from "@tributary/protocol";
import { createWorld, type Viewer } from "../testing/world.ts";

type Request = Extract<PeerMessage, { type: "request" }>;

const liar = peerKeyOf(new Uint8Array(16).fill(200));
const segmentBytes = 200_000;
const segmentCount = 40;
const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass: 6 };
const idOf = (sequence: number) => ({ track: 7, sequence, part: -1, fingerprint: 1000 + sequence });

/** A viewer whose neighbours are a liar that claims everything and, where wanted, an honest holder that comes later. */
function scene(answer: (victim: Viewer, request: Request) => void, cdnBps = 2_000_000) {
  const world = createWorld({ segmentBytes, segmentCount, cdnBps });
  const holder = world.addViewer({}, { named: false });
  holder.play();
  world.run(60_000);
  const victim = world.addViewer({}, { named: false });
  victim.input({ type: "swarm", viewerCount: 3, copiesTarget: 1, ticket: 1 });
  victim.want(0);
  world.run(200);
  victim.input({ type: "peer-connected", peer: liar, ticket: 5 });
  const segments = Array.from({ length: segmentCount }, (_, sequence) => idOf(sequence));
  const tell = () =>
    victim.input({ type: "peer-message", peer: liar, message: { type: "bitfield", position, segments } });
  tell();
  let heard = 0;
  const listen = () => {
    const outputs = victim.sent.slice(heard);
    heard = victim.sent.length;
    for (const output of outputs) {
      if (output.type !== "send-to-peer" || output.peer !== liar) continue;
      if (output.message.type === "request") answer(victim, output.message);
    }
    if (world.now() < 200_000) world.at(5, listen);
  };
  listen();
  return { world, holder, victim };
}

function sendAll(victim: Viewer, { requestId, firstPiece, pieceCount }: Request): void {
  const end =
    pieceCount === 0 ? segmentBytes : Math.min(segmentBytes, (firstPiece + pieceCount) * PIECE_BYTES);
  for (let at = firstPiece * PIECE_BYTES; at < end;) {
    const border = (Math.floor(at / PIECE_BYTES) + 1) * PIECE_BYTES;
    const lengthBytes = Math.min(CHUNK_BYTES, end - at, border - at);
    const data = new Uint8Array(1);
    victim.input({ type: "chunk-received", peer: liar, requestId, offsetBytes: at, lengthBytes, data });
    at += lengthBytes;
  }
}

const closings = ({ sent }: Viewer) =>
  sent.filter((output) => output.type === "close-peer").filter(({ peer }) => peer === liar);

describe("a neighbour that sends all the bytes and keeps the list back", () => {
  it("is passed over before the deadline: another holder is asked", () => {
    const { world, holder, victim } = scene(sendAll);
    world.connect(holder, victim);
    victim.play();
    world.run(60_000);
    expect(victim.delivered.at(-1)).toMatchObject({ sequence: segmentCount - 1 });
    expect(victim.stalls).toBe(0);
    const { segmentsFromPeers, peerList } = victim.core.stats();
    expect(segmentsFromPeers).toBeGreaterThan(30);
    expect(peerList.map(({ id }) => id)).toContain(holder.peer);
  });

  it("has its link closed after three times", () => {
    const { world, victim } = scene(sendAll);
    victim.play();
    world.run(60_000);
    expect(victim.delivered.at(-1)).toMatchObject({ sequence: segmentCount - 1 });
    expect(victim.stalls).toBe(0);
    expect(closings(victim).map(({ reason }) => reason)).toContain("silent");
  });
});

describe("a neighbour that sends the beginning of each piece", () => {
  it("has its link closed after three times", () => {
    const { world, victim } = scene((viewer, { requestId, firstPiece }) =>
      viewer.input({
        type: "chunk-received",
        peer: liar,
        requestId,
        offsetBytes: firstPiece * PIECE_BYTES,
        lengthBytes: Math.min(CHUNK_BYTES, segmentBytes - firstPiece * PIECE_BYTES) - 1,
        data: new Uint8Array(1),
      }),
    );
    victim.play();
    world.run(60_000);
    expect(victim.delivered.at(-1)).toMatchObject({ sequence: segmentCount - 1 });
    expect(victim.stalls).toBe(0);
    expect(closings(victim).map(({ reason }) => reason)).toContain("silent");
  });
});

describe("a segment whose bytes are all here and whose list is not", () => {
  it("is fetched early enough from a slow CDN: what cannot be proved is as good as missing", () => {
    const { world, victim } = scene(sendAll, 900_000);
    victim.play();
    world.run(30_000);
    expect(victim.delivered.length).toBeGreaterThan(6);
    expect(victim.stalls).toBe(0);
  });
});
