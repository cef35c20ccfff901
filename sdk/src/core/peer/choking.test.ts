import type { PeerKey } from "@tributary/protocol";
import { expect, it } from "vitest";
import { askingNeighbours } from "../testing/asking-neighbours.ts";

function scene() {
  const neighbours = askingNeighbours([1, 1]);
  const [debtor, payer] = neighbours.peers as [PeerKey, PeerKey];
  const bytesTo = (peer: PeerKey) =>
    neighbours.holder.sent.reduce(
      (sum, output) => sum + (output.type === "send-piece" && output.peer === peer ? output.lengthBytes : 0),
      0,
    );
  return { ...neighbours, debtor, payer, bytesTo };
}

it("T14 sends a debtor nothing more of what it asked for before, and says so", () => {
  const { world, holder, ask, bytesTo, saidTo, debtor, payer } = scene();
  ask(debtor, 1, 16);
  const before = bytesTo(debtor);
  expect(before).toBeLessThan(16 * 65_536);
  holder.input({ type: "credit", peer: debtor, good: false });
  world.run(1_000);
  ask(payer, 2, 4);
  world.run(5_000);
  expect(bytesTo(debtor)).toBe(before);
  expect(saidTo(debtor, "choke", "reject")).toEqual([
    { type: "choke", choked: true },
    { type: "reject", requestId: 1, reason: "choked" },
  ]);
  expect(bytesTo(payer)).toBe(4 * 65_536);
});

it("does not call a debtor that it refused before", () => {
  const { world, holder, ask, saidTo, debtor, payer } = scene();
  ask(payer, 1, 16);
  ask(debtor, 2, 1);
  holder.input({ type: "credit", peer: debtor, good: false });
  world.run(5_000);
  expect(saidTo(debtor, "choke", "reject")).toEqual([
    { type: "reject", requestId: 2, reason: "busy" },
    { type: "choke", choked: true },
  ]);
});
