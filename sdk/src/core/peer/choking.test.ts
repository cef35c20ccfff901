import { peerKeyOf, type PeerKey } from "@tributary/protocol";
import { expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

const [debtor, payer] = [1, 2].map((byte) => peerKeyOf(new Uint8Array(16).fill(byte))) as [PeerKey, PeerKey];
const segment = { track: 7, sequence: 0, part: -1, fingerprint: 1000 };

/** A holder whose uplink is slow enough for a queue, and two that ask by hand. */
function scene() {
  const world = createWorld({ segmentBytes: 2_000_000, segmentCount: 1 });
  const holder = world.addViewer({}, { named: false });
  holder.play();
  world.run(20_000);
  for (const peer of [debtor, payer]) {
    holder.input({ type: "peer-connected", peer, ticket: 0 });
    const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass: 1 };
    holder.input({ type: "peer-message", peer, message: { type: "bitfield", position, segments: [] } });
  }
  const ask = (peer: PeerKey, requestId: number, pieceCount: number) =>
    holder.input({
      type: "peer-message",
      peer,
      message: {
        type: "request",
        requestId,
        segment,
        firstPiece: 0,
        pieceCount,
        deadlineMs: 8_000,
        wantsList: false,
      },
    });
  const bytesTo = (peer: PeerKey) =>
    holder.sent.reduce(
      (sum, output) => sum + (output.type === "send-piece" && output.peer === peer ? output.lengthBytes : 0),
      0,
    );
  const saidTo = (peer: PeerKey) =>
    holder.sent.flatMap((output) =>
      output.type === "send-to-peer" &&
      output.peer === peer &&
      (output.message.type === "choke" || output.message.type === "reject")
        ? [output.message]
        : [],
    );
  return { world, holder, ask, bytesTo, saidTo };
}

it("sends a debtor nothing more of what it asked for before, and says so", () => {
  const { world, holder, ask, bytesTo, saidTo } = scene();
  ask(debtor, 1, 16);
  const before = bytesTo(debtor);
  expect(before).toBeLessThan(16 * 65_536);
  holder.input({ type: "credit", peer: debtor, good: false });
  world.run(1_000);
  ask(payer, 2, 4);
  world.run(5_000);
  expect(bytesTo(debtor)).toBe(before);
  expect(saidTo(debtor)).toEqual([
    { type: "choke", choked: true },
    { type: "reject", requestId: 1, reason: "choked" },
  ]);
  expect(bytesTo(payer)).toBe(4 * 65_536);
});

it("does not call a debtor that it refused before", () => {
  const { world, holder, ask, saidTo } = scene();
  ask(payer, 1, 16);
  ask(debtor, 2, 1);
  holder.input({ type: "credit", peer: debtor, good: false });
  world.run(5_000);
  expect(saidTo(debtor)).toEqual([
    { type: "reject", requestId: 2, reason: "busy" },
    { type: "choke", choked: true },
  ]);
});
