import { expect, it } from "vitest";
import { sha256 } from "../testing/sha256.ts";
import { AMOUNT_MAX } from "./amount.ts";
import { type Hashing, runHashing } from "./hashing.ts";
import { NO_PAYOUT_LEAF, payoutRecord, settledRecord } from "./records.ts";
import { isInSumTree, sumLeaf, sumPath, sumTree, type SumNode } from "./sum-tree.ts";

const run = <T>(hashing: Hashing<T>) => runHashing(hashing, sha256);
const leafOf = (at: number): SumNode =>
  run(sumLeaf(new Uint8Array(32).fill(at), Uint8Array.of(at), BigInt(at) * 1_000n));
const leaves = Array.from({ length: 20 }, (_, at) => leafOf(at));

it("adds up, and shows each leaf to be part of the sum, in trees of every shape", () => {
  for (let count = 1; count <= leaves.length; count++) {
    const tree = leaves.slice(0, count);
    const root = run(sumTree(tree));
    expect(root.sum).toBe(tree.reduce((sum, leaf) => sum + leaf.sum, 0n));
    for (const [index, leaf] of tree.entries()) {
      const path = run(sumPath(tree, index));
      expect(run(isInSumTree(leaf, index, count, path, root))).toBe(true);
      const other = { ...leaf, sum: leaf.sum + 1n };
      expect(run(isInSumTree(other, index, count, path, root))).toBe(false);
      expect(run(isInSumTree(other, index, count, path, { ...root, sum: root.sum + 1n }))).toBe(count === 1);
      expect(run(isInSumTree(leaf, index + 1, count, path, root))).toBe(false);
      for (const at of path.keys()) {
        const moved = path.map((node, i) => (i === at ? { ...node, sum: node.sum + 1n } : node));
        expect(run(isInSumTree(leaf, index, count, moved, root))).toBe(false);
      }
      expect(run(isInSumTree(leaf, index, count, [...path, root], root))).toBe(false);
    }
  }
});

it("has a known root of nothing, and of one leaf the leaf itself", () => {
  expect(Buffer.from(run(sumTree([])).hash).toString("hex")).toMatch(/^e3b0c44298fc1c14/);
  expect(run(sumTree([leaves[3]!]))).toEqual(leaves[3]);
});

it("does not let a negative or overflowing sum hide a payment", () => {
  const [left, right] = [leafOf(1), leafOf(2)];
  const root = run(sumTree([left, right]));
  expect(run(isInSumTree(left, 0, 2, [{ ...right, sum: -1n }], root))).toBe(false);
  const huge = { ...right, sum: AMOUNT_MAX };
  expect(run(isInSumTree(left, 0, 2, [huge], { hash: root.hash, sum: AMOUNT_MAX }))).toBe(false);
});

it("reads records as they were written, and nothing else", () => {
  const payout = {
    epoch: 7,
    account: new Uint8Array(32).fill(1),
    publisher: new Uint8Array(16).fill(2),
    grants: 3,
    bytes: 2n ** 60n,
    paid: AMOUNT_MAX,
  };
  const encoded = payoutRecord.encode(payout);
  expect(encoded.length).toBe(20 + 4 + 32 + 16 + 4 + 8 + 8);
  expect(payoutRecord.decode(encoded)).toEqual({ ok: true, value: payout });
  for (let length = 0; length < encoded.length; length++)
    expect(payoutRecord.decode(encoded.subarray(0, length)).ok).toBe(false);
  encoded[encoded.length - 8] = 0x80;
  expect(payoutRecord.decode(encoded)).toEqual({ ok: false, reason: "paid: above 2^63 - 1" });
  expect(() => payoutRecord.encode({ ...payout, paid: AMOUNT_MAX + 1n })).toThrow(/paid: expected an amount/);
  const settled = { grantId: new Uint8Array(16), bytes: 5n, acc: new Uint8Array(32), leaf: NO_PAYOUT_LEAF };
  expect(settledRecord.decode(settledRecord.encode(settled))).toEqual({ ok: true, value: settled });
  expect(settledRecord.decode(payoutRecord.encode(payout)).ok).toBe(false);
});
