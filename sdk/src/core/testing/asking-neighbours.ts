import { peerKeyOf, type PeerKey } from "@tributary/protocol";
import { createWorld } from "./world.ts";

const segment = { track: 7, sequence: 0, part: -1, fingerprint: 1000 };

/** A holder of one segment, whose uplink is slow enough for a queue, and neighbours of these uplink classes that ask by hand. */
export function askingNeighbours(classes: readonly number[]) {
  const world = createWorld({ segmentBytes: 2_000_000, segmentCount: 1 });
  const holder = world.addViewer({}, { named: false });
  holder.play();
  world.run(20_000);
  const peers = classes.map((uplinkClass, index): PeerKey => {
    const peer = peerKeyOf(new Uint8Array(16).fill(index + 1));
    holder.input({ type: "peer-connected", peer, ticket: index });
    const position = { track: 7, audioTrack: 0, wanted: 0, audioWanted: 0, positionMs: 0, uplinkClass };
    holder.input({ type: "peer-message", peer, message: { type: "bitfield", position, segments: [] } });
    return peer;
  });
  const ask = (peer: PeerKey, requestId: number, pieceCount: number, deadlineMs = 8000) =>
    holder.input({
      type: "peer-message",
      peer,
      message: {
        type: "request",
        requestId,
        segment,
        firstPiece: 0,
        pieceCount,
        deadlineMs,
        wantsList: false,
      },
    });
  const saidTo = (peer: PeerKey, ...types: string[]) =>
    holder.sent.flatMap((output) =>
      output.type === "send-to-peer" && output.peer === peer && types.includes(output.message.type)
        ? [output.message]
        : [],
    );
  return { world, holder, peers, ask, saidTo };
}
