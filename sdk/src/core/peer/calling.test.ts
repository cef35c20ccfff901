import { peerKeyOf, type PeerKey } from "@tributary/protocol";
import { expect, it } from "vitest";
import { createWorld } from "../testing/world.ts";

const peers = [1, 2, 3].map((byte) => peerKeyOf(new Uint8Array(16).fill(byte)));
const segment = { track: 7, sequence: 0, part: -1, fingerprint: 1000 };

/** A holder with three neighbours that ask by hand; `classes` are their uplinks. */
function scene(classes: readonly number[]) {
  const world = createWorld({ segmentBytes: 2_000_000, segmentCount: 1 });
  const holder = world.addViewer({}, { named: false });
  holder.play();
  world.run(20_000);
  for (const [index, peer] of peers.entries()) {
    holder.input({ type: "peer-connected", peer, ticket: index });
    const uplinkClass = classes[index]!;
    const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass };
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
        deadlineMs: 8000,
        wantsList: false,
      },
    });
  const saidTo = (peer: PeerKey, type: string) =>
    holder.sent.flatMap((output) =>
      output.type === "send-to-peer" && output.peer === peer && output.message.type === type
        ? [output.message]
        : [],
    );
  return { world, holder, ask, saidTo };
}

it("calls whom it refused once there is room, the stronger uplink first", () => {
  const { world, holder, ask, saidTo } = scene([1, 2, 7]);
  const [first, weak, strong] = peers as [PeerKey, PeerKey, PeerKey];
  ask(first, 1, 16);
  ask(weak, 2, 1);
  ask(strong, 3, 1);
  for (const peer of [weak, strong])
    expect(saidTo(peer, "reject")).toEqual([expect.objectContaining({ reason: "busy" })]);
  expect(saidTo(weak, "choke")).toEqual([]);
  world.run(5000);
  const order = holder.sent.flatMap((output) =>
    output.type === "send-to-peer" && output.message.type === "choke" ? [output.peer] : [],
  );
  expect(order).toEqual([strong, weak]);
  expect(saidTo(strong, "choke")).toEqual([{ type: "choke", choked: false }]);
});

it("calls nobody whose deadline is over", () => {
  const { holder, ask, saidTo, world } = scene([1, 1, 1]);
  const [first, late] = peers as [PeerKey, PeerKey];
  ask(first, 1, 16);
  holder.input({
    type: "peer-message",
    peer: late,
    message: {
      type: "request",
      requestId: 2,
      segment,
      firstPiece: 0,
      pieceCount: 1,
      deadlineMs: 1,
      wantsList: false,
    },
  });
  expect(saidTo(late, "reject")).toHaveLength(1);
  world.run(5000);
  expect(saidTo(late, "choke")).toEqual([]);
});
