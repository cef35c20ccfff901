import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { segmentKeyOf, encodeHex } from "@tributary/protocol";
import { NO_PAYOUT_LEAF } from "@tributary/protocol/log";
import { ESCROW, publisherAccount } from "../accounts.ts";
import { brokenInvariants, type AccountBalance } from "../invariants.ts";
import {
  agreedOn,
  bytesOf,
  entryOf,
  grantOf,
  linksOf,
  type Scene,
  sceneOf,
  SEGMENT_BYTES,
  sequence,
  settle,
} from "../testing/scene.ts";
import { addBalances, balanceChanges, type Transfer, ZERO_BALANCE } from "../transfers.ts";
import { type GrantToSettle, NO_TOTALS, swarmEpochOf } from "./input.ts";
import { createSettling, type Settlement } from "./settle.ts";

const MB = SEGMENT_BYTES;
const grant = grantOf("a");
const ten = linksOf(sequence(0, 10));
const paidBytes = (settlement: Settlement) => Number(settlement.bytes);
const settledAlone = (item: GrantToSettle, options = {}) => settle(sceneOf([item], options));

describe("a pair that agrees", () => {
  it("is paid for what it transferred, by the price", () => {
    const settlement = settledAlone(agreedOn(grant, ten));
    expect(settlement.payouts).toEqual([
      {
        epoch: 1,
        account: expect.any(Uint8Array),
        publisher: grant.publisher,
        grants: 1,
        bytes: BigInt(10 * MB),
        paid: 35n,
      },
    ]);
    const charges = settlement.transfers.map(({ code, amount, state }) => `${code} ${amount} ${state}`);
    expect(charges).toEqual([
      "lease 1000000000 voided",
      "reward 35 pending",
      "charge 50 posted",
      "burn 1 posted",
      "fee 14 posted",
    ]);
    expect([settlement.paid, settlement.collected, settlement.burned]).toEqual([35n, 50n, 1n]);
    expect(settlement.settled).toEqual([
      { grantId: grant.grantId, bytes: BigInt(10 * MB), acc: entryOf(grant, "uploader", ten).acc, leaf: 0 },
    ]);
    expect(settlement.lies).toEqual([]);
  });

  it("is paid once for statements that came in several parts, one of them twice", () => {
    const parts = (role: "uploader" | "downloader") => [
      entryOf(grant, role, ten.slice(0, 4)),
      entryOf(grant, role, ten.slice(0, 7), 7, ten.slice(4, 7)),
      entryOf(grant, role, ten.slice(0, 7), 7, ten.slice(4, 7)),
      entryOf(grant, role, ten, 10, ten.slice(4)),
    ];
    const item = agreedOn(grant, ten, { uploader: parts("uploader"), downloader: parts("downloader") });
    expect(paidBytes(settledAlone(item))).toBe(10 * MB);
  });

  it("is paid for all where one side's page crashed before its last statements", () => {
    const uploader = [entryOf(grant, "uploader", ten.slice(0, 3))];
    const settlement = settledAlone(agreedOn(grant, ten, { uploader }));
    expect(paidBytes(settlement)).toBe(10 * MB);
    expect([settlement.apart, settlement.lies]).toEqual([[], []]);
  });

  it("is proved by the downloader's links where receipts were lost on their way", () => {
    const uploader = [
      entryOf(grant, "uploader", ten.slice(0, 3)),
      entryOf(grant, "uploader", ten, 10, ten.slice(8)),
    ];
    expect(paidBytes(settledAlone(agreedOn(grant, ten, { uploader })))).toBe(10 * MB);
  });
});

describe("a pair that does not agree", () => {
  it("is paid the lower of two chains, is listed, and is not branded", () => {
    const uploader = [entryOf(grant, "uploader", [...ten.slice(0, 4), ...linksOf([99])])];
    const settlement = settledAlone(agreedOn(grant, ten, { uploader }));
    expect(paidBytes(settlement)).toBe(5 * MB);
    expect(settlement.apart).toEqual([[grant.uploaderKey, grant.downloaderKey]]);
    expect(settlement.lies).toEqual([]);
  });

  it("is paid the lower where a later total is below an earlier receipt", () => {
    const downloader = [entryOf(grant, "downloader", ten.slice(0, 2), 12)];
    const settlement = settledAlone(agreedOn(grant, ten, { downloader }));
    expect(paidBytes(settlement)).toBe(2 * MB);
    expect(settlement.apart).toHaveLength(1);
  });

  it("is paid the lower where the downloader signed two claims for one receipt, which is a lie", () => {
    const downloader = [entryOf(grant, "downloader", ten.slice(0, 6), 10)];
    const settlement = settledAlone(agreedOn(grant, ten, { downloader }));
    expect(paidBytes(settlement)).toBe(6 * MB);
    const { grantId, uploaderKey, downloaderKey } = grant;
    const account = bytesOf(`account of ${encodeHex(downloaderKey)}`);
    expect(settlement.lies).toEqual([{ grantId, uploaderKey, downloaderKey, seq: 10, account }]);
  });

  it("is paid the lower of a lie even where the lower claim proves nothing", () => {
    const forged = { ...entryOf(grant, "downloader", ten.slice(0, 6), 10), acc: new Uint8Array(32) };
    const settlement = settledAlone(agreedOn(grant, ten, { downloader: [forged] }));
    expect(paidBytes(settlement)).toBe(6 * MB);
    expect(settlement.lies).toHaveLength(1);
  });

  it.each([
    ["links that do not lead to the accumulator", (links: typeof ten) => [...links.slice(1), links[0]!]],
    ["a segment that nobody knows", (links: typeof ten) => [...links.slice(1), ...linksOf([10_000])]],
    ["more bytes than a segment has", (links: typeof ten) => [...links.slice(1), ...linksOf([11], MB + 1)]],
    ["a link less", (links: typeof ten) => links.slice(1)],
  ])("is paid nothing for %s", (_, told) => {
    const both = (role: "uploader" | "downloader") => [{ ...entryOf(grant, role, ten), links: told(ten) }];
    const item = agreedOn(grant, ten, { uploader: both("uploader"), downloader: both("downloader") });
    const settlement = settledAlone(item);
    expect(paidBytes(settlement)).toBe(0);
    expect(settlement.settled[0]?.leaf).toBe(NO_PAYOUT_LEAF);
  });

  it("is paid nothing for links of other segments that both sides told alike", () => {
    const beyond = linksOf([9_999, 10_000]);
    expect(paidBytes(settledAlone(agreedOn(grant, beyond)))).toBe(0);
  });
});

describe("one side only", () => {
  it.each(["uploader", "downloader"] as const)("the %s's word waits an epoch, and is then paid", (side) => {
    const other = side === "uploader" ? "downloader" : "uploader";
    const waiting = settledAlone(agreedOn(grant, ten, { [other]: [] }));
    expect(paidBytes(waiting)).toBe(0);
    expect(waiting.putOff).toEqual([grant.grantId]);
    expect(waiting.settled).toEqual([]);
    const reserve = waiting.transfers.find(({ code, state }) => code === "lease" && state === "pending");
    expect(reserve).toMatchObject({ epoch: 2, amount: 50n, debit: publisherAccount(grant.publisher).id });
    const later = settledAlone(agreedOn(grant, ten, { [other]: [], putOff: true }), {
      input: { epoch: 2, leases: [reserve!] },
    });
    expect(paidBytes(later)).toBe(10 * MB);
    expect(later.putOff).toEqual([]);
  });

  it("sets nothing more aside than is left of the budget", () => {
    const item = agreedOn(grant, ten, { downloader: [] });
    const { transfers } = settledAlone(item, { budget: 20n });
    expect(transfers.filter(({ state }) => state === "pending").map(({ amount }) => amount)).toEqual([20n]);
  });

  it("of silence nothing is kept", () => {
    const settlement = settledAlone(agreedOn(grant, ten, { uploader: [], downloader: [] }));
    expect([settlement.settled, settlement.putOff, settlement.payouts]).toEqual([[], [], []]);
  });
});

describe("limits", () => {
  it("the grant's bytes", () => {
    const settlement = settledAlone(agreedOn(grantOf("a", { maxBytes: 3 * MB + 5 }), ten));
    expect(paidBytes(settlement)).toBe(3 * MB + 5);
    expect(settlement.withheld.rateBytes).toBe(7 * MB - 5);
  });

  it("the stream's bitrate over what the viewer watched, and a buffer", () => {
    const links = linksOf(sequence(0, 200));
    const options = { sessions: { bob: { watchMs: 10_000 } }, parameters: { bufferMs: 20_000 } };
    expect(paidBytes(settledAlone(agreedOn(grant, links), options))).toBe(60 * MB);
    const second = agreedOn(grantOf("b", { from: "carol" }), linksOf(sequence(200, 300)));
    expect(paidBytes(settle(sceneOf([agreedOn(grant, links), second], options)))).toBe(60 * MB);
  });

  it("counts what the viewer was paid for in earlier epochs", () => {
    const before = { ...NO_TOTALS, boughtBytes: 55 * MB };
    const options = { sessions: { bob: { watchMs: 10_000, before } }, parameters: { bufferMs: 20_000 } };
    expect(paidBytes(settledAlone(agreedOn(grant, ten), options))).toBe(5 * MB);
  });

  it("the life of a grant, however long the viewer watched", () => {
    const short = grantOf("a", { expiryMs: grant.notBeforeMs + 1_000 });
    const options = { sessions: { bob: { watchMs: 10 ** 9 } }, parameters: { bufferMs: 1_000 } };
    expect(paidBytes(settledAlone(agreedOn(short, ten), options))).toBe(4 * MB);
  });

  it.each([
    ["the same network", agreedOn(grantOf("a", { payClass: "unpaid" }), ten), {}],
    ["nobody to credit", agreedOn(grant, ten, { account: null }), {}],
    ["too few networks", agreedOn(grant, ten), { swarm: { prefixes: 19 } }],
  ])("nothing for %s", (_, item, options) => {
    const settlement = settledAlone(item, options);
    expect([settlement.bytes, settlement.collected]).toEqual([0n, 0n]);
    expect(settlement.withheld.unpaidBytes).toBe(10 * MB);
  });

  it("T8 the publisher's budget, shared in proportion", () => {
    const items = [
      agreedOn(grant, ten),
      agreedOn(grantOf("b", { from: "carol", to: "dave" }), linksOf(sequence(0, 30))),
    ];
    const settlement = settle(sceneOf(items, { budget: 100n }));
    expect(settlement.collected).toBeLessThanOrEqual(100n);
    expect(settlement.collected).toBeGreaterThan(96n);
    const [less, more] = settlement.payouts.map(({ bytes }) => Number(bytes)).sort((a, b) => a - b);
    expect(more! / less!).toBeCloseTo(3, 3);
  });

  it("nothing without a budget", () => {
    expect(paidBytes(settledAlone(agreedOn(grant, ten), { budget: 0n }))).toBe(0);
  });

  it("what a swarm watched beyond its egress", () => {
    const options = (egressBytes: number | null) => ({ swarm: { watchMs: 6_000, egressBytes } });
    expect(paidBytes(settledAlone(agreedOn(grant, ten), options(null)))).toBe(10 * MB);
    expect(paidBytes(settledAlone(agreedOn(grant, ten), options(5 * MB)))).toBe(7 * MB);
    expect(paidBytes(settledAlone(agreedOn(grant, ten), options(50 * MB)))).toBe(0);
  });

  it("what of a swarm was not paid for already, where it was put off", () => {
    const options = { swarm: { watchMs: 6_000, paidBytes: 7 * MB } };
    expect(paidBytes(settledAlone(agreedOn(grant, ten), options))).toBe(5 * MB);
  });

  it("the swarm of the epoch that a grant was issued in", () => {
    const old = grantOf("old", { epoch: 0, to: "carol" });
    const scene = sceneOf([agreedOn(grant, ten), agreedOn(old, ten)]);
    const { paidInSwarms } = settle({
      ...scene,
      swarms: new Map(scene.swarms).set(swarmEpochOf(old), {
        ...scene.swarms.get(swarmEpochOf(old))!,
        watchMs: 1_000,
      }),
    });
    expect([...paidInSwarms.values()]).toEqual([10 * MB, 2 * MB]);
  });

  it("what one title may pay out in an epoch", () => {
    const settlement = settledAlone(agreedOn(grant, ten), { parameters: { paidPerSwarmMax: 20 } });
    expect([19n, 20n]).toContain(settlement.paid);
  });
});

describe("each viewer pays for each segment once (T5)", () => {
  it("over two grants, whole", () => {
    const items = [agreedOn(grant, ten), agreedOn(grantOf("b", { from: "carol" }), ten)];
    const settlement = settle(sceneOf(items));
    expect(paidBytes(settlement)).toBe(10 * MB);
    expect(settlement.withheld.overlapBytes).toBe(10 * MB);
  });

  it("over two grants, each a part of every segment", () => {
    const [larger, smaller] = [linksOf(sequence(0, 10), 0.7 * MB), linksOf(sequence(0, 10), 0.3 * MB)];
    const items = [agreedOn(grant, larger), agreedOn(grantOf("b", { from: "carol" }), smaller)];
    const settlement = settle(sceneOf(items));
    expect(paidBytes(settlement)).toBe(10 * MB);
    expect(settlement.withheld.overlapBytes).toBe(0);
    expect(settlement.paidSegments).toHaveLength(10);
  });

  it("over two epochs", () => {
    const first = settledAlone(agreedOn(grant, ten));
    const before = new Map(first.paidSegments.map(({ segment, bytes }) => [segmentKeyOf(segment), bytes]));
    const again = agreedOn(grantOf("b"), linksOf(sequence(5, 15)));
    const input: Partial<Scene> = {
      paidBefore: (_, segment) => before.get(segmentKeyOf(segment)) ?? 0,
    };
    expect(paidBytes(settledAlone(again, { input }))).toBe(5 * MB);
  });

  it("but every viewer for itself", () => {
    const items = [agreedOn(grant, ten), agreedOn(grantOf("b", { to: "carol" }), ten)];
    expect(paidBytes(settle(sceneOf(items)))).toBe(20 * MB);
  });
});

describe("bytes that only pass through are not paid (T7)", () => {
  const parameters = { bufferMs: 10_000 };

  it("an uploader that fetched each byte from the CDN to pass it on earns nothing", () => {
    const alice = { watchMs: 0, cdnBytes: 30 * MB };
    const settlement = settledAlone(agreedOn(grant, ten), { parameters, sessions: { alice } });
    expect(paidBytes(settlement)).toBe(0);
    expect(settlement.withheld.launderedBytes).toBe(10 * MB);
  });

  it("one that watches what it fetched earns for passing it on", () => {
    const alice = { watchMs: 60_000, cdnBytes: 120 * MB };
    expect(paidBytes(settledAlone(agreedOn(grant, ten), { parameters, sessions: { alice } }))).toBe(10 * MB);
  });

  it("what it got from peers it need not have fetched", () => {
    const alice = { watchMs: 0, cdnBytes: 20 * MB };
    const fed = agreedOn(grantOf("b", { from: "carol", to: "alice" }), linksOf(sequence(0, 4)));
    const settlement = settle(sceneOf([agreedOn(grant, ten), fed], { parameters, sessions: { alice } }));
    expect(settlement.withheld.launderedBytes).toBe(4 * MB);
  });

  it("what it was told to fetch is no pretence", () => {
    const alice = { watchMs: 0, cdnBytes: 30 * MB, dutyBytes: 10 * MB };
    expect(paidBytes(settledAlone(agreedOn(grant, ten), { parameters, sessions: { alice } }))).toBe(10 * MB);
  });

  it("fetching in one epoch and passing on in the next hides nothing", () => {
    const before = { ...NO_TOTALS, cdnBytes: 30 * MB, servedBytes: 4 * MB, earnedBytes: 4 * MB };
    const alice = { watchMs: 0, cdnBytes: 30 * MB, before };
    const settlement = settledAlone(agreedOn(grant, ten), { parameters, sessions: { alice } });
    expect(paidBytes(settlement)).toBe(0);
    expect(settlement.sessions.get(encodeHex(grant.uploaderKey))).toMatchObject({
      servedBytes: 14 * MB,
      earnedBytes: 4 * MB,
    });
  });
});

it("releases rewards whose escrow is over", () => {
  const reward: Transfer = {
    id: "epoch/0/reward/x",
    debit: ESCROW.id,
    credit: "peer:x",
    amount: 7n,
    epoch: 0,
    code: "reward",
    pendingId: null,
    state: "pending",
  };
  const { transfers } = settle(sceneOf([], { input: { matured: [reward] } }));
  expect(transfers).toEqual([
    {
      ...reward,
      id: "epoch/0/reward/x/release",
      epoch: 1,
      code: "release",
      pendingId: reward.id,
      state: "posted",
    },
  ]);
});

/** A world of pairs that say all sorts of things, from one seed. */
function worldOf(seed: readonly number[]): Scene {
  const names = ["alice", "bob", "carol", "dave", "erin"];
  const items = seed.map((roll, at) => {
    const from = names[roll % 5]!;
    const to = names[(roll + 1 + ((roll >> 3) % 4)) % 5]!;
    const links = linksOf(
      sequence((roll >> 5) % 20, ((roll >> 5) % 20) + 1 + ((roll >> 10) % 6)),
      MB >> ((roll >> 14) % 3),
    );
    const own = grantOf(`grant ${at}`, {
      from,
      to,
      publisher: bytesOf(`publisher ${(roll >> 16) % 2}`, 16),
      swarm: bytesOf(`swarm ${(roll >> 17) % 2}`),
      payClass: (roll >> 18) % 8 === 0 ? "unpaid" : "paid",
      notBeforeMs: 60_000 + ((roll >> 20) % 7),
    });
    const lie = entryOf(own, "downloader", links.slice(0, -1), links.length);
    const silent = (roll >> 23) % 6;
    return agreedOn(own, links, {
      ...(silent === 0 ? { uploader: [] } : silent === 1 ? { downloader: [] } : {}),
      ...((roll >> 26) % 5 === 0 && links.length > 1 ? { downloader: [lie] } : {}),
      putOff: (roll >> 29) % 2 === 0,
    });
  });
  const sessions = Object.fromEntries(
    names.map((name, at) => [name, { watchMs: 3_000 * at, cdnBytes: 5 * MB * at }]),
  );
  return sceneOf(items, { sessions, budget: 400n, swarm: { watchMs: 20_000, egressBytes: 3 * MB } });
}

test("whatever is stated, and in whatever batches: the sums hold, and nobody is overdrawn", () => {
  const rolls = fc.array(fc.integer({ min: 0, max: 2 ** 30 }), { maxLength: 25 });
  fc.assert(
    fc.property(rolls, fc.infiniteStream(fc.nat()), (seed, random) => {
      const input = worldOf(seed);
      const settlement = settle(input);
      const balances = new Map(
        input.leases.map(({ debit }) => [debit, { ...ZERO_BALANCE, creditsPosted: 400n }]),
      );
      balances.set("treasury", { ...ZERO_BALANCE, debitsPosted: 400n * BigInt(input.leases.length) });
      const all = [...input.leases, ...settlement.transfers];
      const amounts = new Map(all.map(({ id, amount }) => [id, amount]));
      for (const [account, change] of balanceChanges(all, (id) => amounts.get(id)!))
        balances.set(account, addBalances(balances.get(account) ?? ZERO_BALANCE, change));
      const checked = [...balances].map(
        ([id, balance]) => ({ ...balance, id, kind: id.split(":")[0] }) as AccountBalance,
      );
      expect(brokenInvariants(checked)).toEqual([]);
      expect(settlement.paid).toBeLessThanOrEqual(settlement.collected);
      expect(settlement.payouts.reduce((sum, { paid }) => sum + paid, 0n)).toBe(settlement.paid);
      const perSettled = settlement.settled.reduce((sum, { bytes }) => sum + bytes, 0n);
      expect(perSettled).toBe(settlement.bytes);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      const liars = settlement.lies.map(({ account }) => `peer:${encodeHex(account!)}`);
      const resolved = settlement.transfers
        .filter(({ code }) => code === "slash")
        .map(({ credit }) => credit);
      const earned = settlement.transfers.filter(({ code }) => code === "reward").map(({ credit }) => credit);
      expect(new Set(resolved)).toEqual(new Set(earned.filter((credit) => liars.includes(credit))));

      const settling = createSettling(input);
      for (let at = 0; at < input.grants.length;) {
        const size = 1 + (random.next().value % 4);
        settling.add({ ...input, grants: input.grants.slice(at, (at += size)) });
      }
      expect(settling.finish(input.deposits)).toEqual(settlement);
    }),
    { numRuns: 60 },
  );
});
