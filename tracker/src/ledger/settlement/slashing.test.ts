import { encodeHex } from "@tributary/protocol";
import { describe, expect, it } from "vitest";
import { peerAccount } from "../accounts.ts";
import { agreedOn, bytesOf, entryOf, grantOf, linksOf, sceneOf, sequence, settle } from "../testing/scene.ts";
import type { Transfer } from "../transfers.ts";
import type { GrantToSettle } from "./input.ts";

const ten = linksOf(sequence(0, 10));
const accountOf = (name: string) => bytesOf(`account of ${encodeHex(bytesOf(name))}`);
const peerOf = (name: string) => peerAccount(accountOf(name)).id;

/** Bob got ten segments from Alice, signed a receipt for them, and states fewer for the same receipt. */
function lieOfBob(fields: Partial<GrantToSettle> = {}): GrantToSettle {
  const grant = grantOf("lie");
  return agreedOn(grant, ten, { downloader: [entryOf(grant, "downloader", ten.slice(0, 6), 10)], ...fields });
}

const pendingOf = (name: string, epoch: number): Transfer => ({
  id: `epoch/${epoch}/reward/${name}`,
  debit: "escrow",
  credit: peerOf(name),
  amount: 7n,
  epoch,
  code: "reward",
  pendingId: null,
  state: "pending",
});

/** What becomes of pending rewards, by their ids. */
function resolved(items: readonly GrantToSettle[], matured: Transfer[], deposits: Transfer[]) {
  const { transfers } = settle(sceneOf(items, { input: { matured, deposits } }));
  return new Map(
    transfers.flatMap(({ pendingId, code, state, amount }) =>
      code === "release" || code === "slash" ? [[pendingId, `${code} ${state} ${amount}`]] : [],
    ),
  );
}

describe("T4 two claims for one receipt, both signed", () => {
  it("T4 cost the liar what it has in escrow, also what would be released now, and nobody else anything", () => {
    const matured = [pendingOf("bob", 1), pendingOf("carol", 1)];
    const deposits = [pendingOf("bob", 1), pendingOf("bob", 3)];
    expect(resolved([lieOfBob()], matured, deposits)).toEqual(
      new Map([
        ["epoch/1/reward/bob", "slash voided 7"],
        ["epoch/3/reward/bob", "slash voided 7"],
        ["epoch/1/reward/carol", "release posted 7"],
      ]),
    );
  });

  it("T4 cost the liar what it earns in the same epoch, while the one that it lied about is paid the lower", () => {
    const back = agreedOn(grantOf("back", { from: "bob", to: "carol" }), ten);
    const { transfers, payouts } = settle(sceneOf([lieOfBob(), back]));
    const rewards = transfers.filter(({ code }) => code === "reward");
    expect(new Map(rewards.map(({ credit, amount }) => [credit, amount]))).toEqual(
      new Map([
        [peerOf("alice"), 21n],
        [peerOf("bob"), 35n],
      ]),
    );
    expect(payouts).toHaveLength(2);
    const voids = transfers.filter(({ code }) => code === "slash");
    expect(voids).toMatchObject([{ credit: peerOf("bob"), amount: 35n, state: "voided", debit: "escrow" }]);
  });

  it("cost nothing where the session served for nobody", () => {
    expect(resolved([lieOfBob({ downloaderAccount: null })], [pendingOf("bob", 1)], [])).toEqual(
      new Map([["epoch/1/reward/bob", "release posted 7"]]),
    );
  });

  it("are not what mere disagreement is: accounts of two chains cost neither side its escrow", () => {
    const grant = grantOf("apart");
    const apart = agreedOn(grant, ten, {
      downloader: [entryOf(grant, "downloader", linksOf([98, 99]))],
    });
    const matured = [pendingOf("alice", 1), pendingOf("bob", 1)];
    expect([...resolved([apart], matured, []).values()]).toEqual(["release posted 7", "release posted 7"]);
  });
});
