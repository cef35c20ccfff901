import { describe, expect, it } from "vitest";
import { type Receipt, receiptMessage } from "@tributary/protocol";
import { createPair, SEGMENT_BYTES, TRACKER_MS } from "../testing/accounts-rig.ts";

/** What is signed, wrong in every way that it can be, at a viewer's accounts: the table is in docs/BAD-INPUT.md. */
const zeros = (length: number) => new Uint8Array(length);
const spliced = (bytes: Uint8Array, at: number, byte: number) => {
  const changed = bytes.slice();
  changed[at] = byte;
  return changed;
};

type Pair = ReturnType<typeof createPair>;

describe("a grant", () => {
  const given = (make: (pair: Pair) => Uint8Array): number => {
    const pair = createPair();
    const grants = [make(pair)];
    for (const viewer of [pair.up, pair.down]) viewer.feed({ type: "granted", grants });
    pair.link(true);
    pair.transfer(1);
    pair.pass(20_000);
    pair.deliver();
    expect(pair.up.credits).toEqual([]);
    expect(pair.up.accounts.counters.receiptsTaken).toBe(pair.down.accounts.counters.receiptsGiven);
    return pair.down.accounts.counters.receiptsGiven;
  };

  it("that is not wrong is what receipts are given for", () => {
    expect(given((pair) => pair.grantOf())).toBe(1);
  });

  it.each<readonly [title: string, ends: "passed over", make: (pair: Pair) => Uint8Array]>([
    ["wire: grant, wrong length", "passed over", (pair) => pair.grantOf().slice(0, -1)],
    ["wire: grant, wrong type", "passed over", (pair) => spliced(pair.grantOf(), 0, 2)],
    ["wire: grant, wrong key", "passed over", (pair) => pair.grantOf({ downloaderKey: zeros(32) })],
    ["wire: grant, overflow", "passed over", (pair) => spliced(pair.grantOf(), 157, 0x80)],
    ["wire: grant, clock ahead", "passed over", (pair) => pair.grantOf({ notBeforeMs: TRACKER_MS + 60_000 })],
    [
      "wire: grant, clock behind",
      "passed over",
      (pair) => pair.grantOf({ notBeforeMs: 1, expiryMs: TRACKER_MS }),
    ],
  ])("%s: %s", (_, __, make) => {
    expect(given(make)).toBe(0);
  });
});

describe("a receipt", () => {
  type Change = (second: Receipt, first: Receipt) => Partial<Receipt>;
  type Spoil = (bytes: Uint8Array) => Uint8Array;

  /** After one that was taken, a second that is changed before it is signed, or after. */
  function refused(change: Change, spoil: Spoil) {
    const pair = createPair();
    pair.grant({ maxBytes: 3 * SEGMENT_BYTES });
    pair.link(true);
    for (const sequence of [1, 2]) {
      pair.transfer(sequence);
      pair.pass(300);
    }
    const [first, second] = pair.down.receipts.splice(0).map((bytes) => {
      const parsed = receiptMessage.parse(bytes);
      if (!parsed.ok) throw new Error(parsed.reason);
      return { bytes, value: parsed.value };
    });
    pair.up.feed({ type: "receipt", peer: pair.down.peer, bytes: first!.bytes });
    const value = { ...second!.value, ...change(second!.value, first!.value) };
    const bytes = spoil(receiptMessage.seal(value, pair.down.sign(receiptMessage.preimage(value))));
    pair.up.feed({ type: "receipt", peer: pair.down.peer, bytes });
    const { receiptsTaken, receiptsRefused } = pair.up.accounts.counters;
    // Whatever was refused, the true one is taken after it.
    pair.up.feed({ type: "receipt", peer: pair.down.peer, bytes: second!.bytes });
    expect(pair.up.accounts.counters.receiptsTaken).toBe(2);
    return [receiptsTaken, receiptsRefused];
  }
  const same = () => ({});
  const whole: Spoil = (bytes) => bytes;

  it("that is not wrong is taken", () => {
    expect(refused(same, whole)).toEqual([2, 0]);
  });

  it.each<readonly [title: string, ends: "refused", change: Change, spoil: Spoil]>([
    ["wire: receipt, wrong length", "refused", same, (bytes) => bytes.slice(0, -1)],
    ["wire: receipt, wrong type", "refused", same, (bytes) => spliced(bytes, 0, 3)],
    [
      "wire: receipt, wrong order",
      "refused",
      (second, first) => ({ links: [...first.links, ...second.links] }),
      whole,
    ],
    ["wire: receipt, wrong epoch", "refused", () => ({ timestampMs: TRACKER_MS + 3_600_000 }), whole],
    ["wire: receipt, overflow", "refused", same, (bytes) => spliced(bytes, 21, 0x80)],
    ["wire: receipt, clock behind", "refused", () => ({ timestampMs: TRACKER_MS - 40_000 }), whole],
  ])("%s: %s", (_, __, change, spoil) => {
    expect(refused(change, spoil)).toEqual([1, 1]);
  });
});

describe("a tracker's clock", () => {
  /** What is served in a minute under a clock, with grants that are good by it. */
  function served(timeMs: number): Pair {
    const pair = createPair();
    for (const viewer of [pair.up, pair.down]) viewer.feed({ type: "welcome", timeMs });
    pair.grant({ notBeforeMs: 0, expiryMs: Number.MAX_SAFE_INTEGER });
    pair.link(true);
    for (let sequence = 1; sequence <= 20; sequence++) {
      pair.transfer(sequence);
      pair.pass(3_000);
      pair.deliver();
    }
    return pair;
  }

  it.each<readonly [title: string, ends: "passed over", timeMs: number]>([
    ["wire: WELCOME, clock ahead", "passed over", Number.MAX_SAFE_INTEGER - 10_000],
    ["wire: WELCOME, clock behind", "passed over", 0],
  ])("%s: %s", (_, __, timeMs) => {
    const { up, down } = served(timeMs);
    expect([up.credits, down.credits]).toEqual([[], []]);
    expect(up.accounts.counters.receiptsRefused).toBe(0);
  });
});

it.each([["wire: ACK, overflow", "passed over", 2 ** 32 - 1]] as const)("%s: %s", (_, __, seq) => {
  const pair = createPair();
  pair.grant();
  pair.link(true);
  pair.transfer(1);
  pair.pass(20_000);
  expect(pair.down.statements).toHaveLength(1);
  pair.down.feed({ type: "acked", seq });
  expect(pair.down.accounts.counters.statementsAcked).toBe(0);
  pair.down.feed({ type: "acked", seq: pair.down.statements[0]!.seq });
  expect(pair.down.accounts.counters.statementsAcked).toBe(1);
});
