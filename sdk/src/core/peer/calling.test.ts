import type { PeerKey } from "@tributary/protocol";
import { expect, it } from "vitest";
import { askingNeighbours } from "../testing/asking-neighbours.ts";

it("calls whom it refused once there is room, the stronger uplink first", () => {
  const { world, holder, peers, ask, saidTo } = askingNeighbours([1, 2, 7]);
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
  const { peers, ask, saidTo, world } = askingNeighbours([1, 1, 1]);
  const [first, late] = peers as [PeerKey, PeerKey];
  ask(first, 1, 16);
  ask(late, 2, 1, 1);
  expect(saidTo(late, "reject")).toHaveLength(1);
  world.run(5000);
  expect(saidTo(late, "choke")).toEqual([]);
});
