import { describe, expect, it } from "vitest";
import {
  accumulate,
  EMPTY_ACC,
  encodeHex,
  type PeerKey,
  type Receipt,
  receiptMessage,
  segmentKeyOf,
  statementMessage,
} from "@tributary/protocol";
import { countEntries } from "../testing/count-entries.ts";
import { createPair, rootOf, SEGMENT_BYTES, segmentOf, sha256, TRACKER_MS } from "../testing/accounts-rig.ts";

const receiptIn = (bytes: Uint8Array): Receipt => {
  const parsed = receiptMessage.parse(bytes);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};

function granted() {
  const pair = createPair();
  pair.grant();
  pair.link(true);
  return pair;
}

describe("receipts", () => {
  it("are given for each segment, and held by who served it", () => {
    const pair = granted();
    pair.transfer(1, 400_000, false);
    pair.transfer(1, 600_000, true);
    pair.pass(300);
    expect(pair.down.receipts.map(receiptIn)).toMatchObject([
      { seq: 1, bytes: SEGMENT_BYTES, segments: 1, links: [{ segment: segmentOf(1), bytes: SEGMENT_BYTES }] },
    ]);
    pair.deliver();
    expect(pair.up.accounts.counters).toMatchObject({ receiptsTaken: 1, receiptsRefused: 0 });
    const news = { type: "receipt", bytes: SEGMENT_BYTES, totalBytes: SEGMENT_BYTES, epoch: 1, paid: true };
    expect(pair.down.news).toEqual([{ ...news, peer: pair.up.peer, direction: "given" }]);
    expect(pair.up.news).toEqual([{ ...news, peer: pair.down.peer, direction: "held" }]);
  });

  it("are cumulative, and their accumulator is that of the content", () => {
    const pair = granted();
    for (let sequence = 1; sequence <= 5; sequence++) {
      pair.transfer(sequence);
      pair.pass(300);
    }
    const last = receiptIn(pair.down.receipts.at(-1)!);
    let acc = EMPTY_ACC;
    for (let sequence = 1; sequence <= 5; sequence++)
      acc = accumulate(sha256, acc, segmentOf(sequence), rootOf(sequence), SEGMENT_BYTES);
    expect(last).toMatchObject({ seq: 5, bytes: 5 * SEGMENT_BYTES, segments: 5, acc });
    pair.deliver();
    expect(pair.up.accounts.counters).toMatchObject({ receiptsTaken: 5, receiptsRefused: 0 });
  });

  it("come after 15 s for a segment that does not end", () => {
    const pair = granted();
    pair.transfer(1, 65_536, false);
    pair.pass(14_999);
    expect(pair.down.receipts).toEqual([]);
    pair.pass(1);
    expect(pair.down.receipts).toHaveLength(1);
  });

  it("name all segments that came over, also of more than one holds", () => {
    const pair = granted();
    for (let sequence = 1; sequence <= 300; sequence++) pair.transfer(sequence, 1_000, true);
    pair.pass(2_000);
    pair.deliver();
    expect(pair.up.accounts.counters.receiptsTaken).toBe(4);
    expect(pair.up.news.at(-1)?.totalBytes).toBe(300_000);
  });

  it("are neither given nor owed without a grant", () => {
    const pair = createPair();
    pair.link(true);
    for (let sequence = 1; sequence < 20; sequence++) pair.transfer(sequence);
    pair.pass(60_000);
    expect(pair.down.receipts).toEqual([]);
    expect(pair.up.credits).toEqual([]);
    expect(pair.down.accounts.nextDeadlineMs()).toBeNull();
  });

  it("go on under the next grant where one expires", () => {
    const pair = granted();
    pair.grant({ epoch: 2, notBeforeMs: TRACKER_MS + 600_000, expiryMs: TRACKER_MS + 1_200_000 });
    pair.transfer(1);
    pair.pass(1_000);
    pair.deliver();
    pair.pass(599_000);
    pair.transfer(2);
    pair.pass(1_000);
    pair.deliver();
    expect(pair.up.news.map(({ epoch, totalBytes }) => [epoch, totalBytes])).toEqual([
      [1, SEGMENT_BYTES],
      [2, SEGMENT_BYTES],
    ]);
  });

  it("never exceed what is granted", () => {
    const pair = createPair();
    pair.grant({ maxBytes: 2.5 * SEGMENT_BYTES });
    pair.link(true);
    for (let sequence = 1; sequence <= 4; sequence++) {
      pair.transfer(sequence);
      pair.pass(300);
      pair.deliver();
    }
    expect(pair.up.news.at(-1)?.totalBytes).toBe(2 * SEGMENT_BYTES);
    expect(pair.up.accounts.counters.receiptsRefused).toBe(0);
  });

  it("survive a link that breaks and comes back", () => {
    const pair = granted();
    for (const sequence of [1, 2, 3]) {
      pair.transfer(sequence);
      pair.pass(300);
    }
    pair.down.receipts.length = 0;
    pair.link(false);
    pair.link(true);
    pair.transfer(4);
    pair.pass(300);
    pair.deliver();
    expect(pair.up.news.at(-1)?.totalBytes).toBe(4 * SEGMENT_BYTES);
    expect(pair.up.accounts.counters.receiptsRefused).toBe(0);
  });
});

describe("a receipt is refused that", () => {
  const forged = (change: (receipt: Receipt) => Receipt, signature?: Uint8Array) => {
    const pair = granted();
    pair.transfer(1);
    pair.pass(300);
    const receipt = change(receiptIn(pair.down.receipts[0]!));
    const own = pair.down.sign(receiptMessage.preimage(receipt));
    const bytes = receiptMessage.seal(receipt, signature ?? own);
    pair.up.feed({ type: "receipt", peer: pair.down.peer, bytes });
    const { receiptsTaken, receiptsRefused } = pair.up.accounts.counters;
    return [receiptsTaken, receiptsRefused];
  };
  const more = 2 * SEGMENT_BYTES;

  it.each<[string, (receipt: Receipt) => Receipt]>([
    [
      "claims more than was sent",
      (of) => ({ ...of, bytes: more, links: [{ ...of.links[0]!, bytes: more }] }),
    ],
    [
      "names a segment that was not sent",
      (of) => ({ ...of, links: [{ ...of.links[0]!, segment: segmentOf(9) }] }),
    ],
    ["has another content's accumulator", (of) => ({ ...of, acc: new Uint8Array(32) })],
    ["is of a grant nobody knows", (of) => ({ ...of, grantId: new Uint8Array(16) })],
    ["is dated in the future", (of) => ({ ...of, timestampMs: TRACKER_MS + 40_000 })],
  ])("%s", (_, change) => {
    expect(forged(change)).toEqual([0, 1]);
  });

  it("is not signed by the downloader", () => {
    expect(forged((receipt) => receipt, new Uint8Array(64))).toEqual([0, 1]);
    expect(forged((receipt) => receipt)).toEqual([1, 0]);
  });

  it("comes from another peer, or does not decode", () => {
    const pair = granted();
    pair.transfer(1);
    pair.pass(300);
    const [bytes] = pair.down.receipts;
    pair.up.feed({ type: "receipt", peer: pair.up.peer, bytes: bytes! });
    pair.up.feed({ type: "receipt", peer: pair.down.peer, bytes: bytes!.slice(1) });
    expect(pair.up.accounts.counters).toMatchObject({ receiptsTaken: 0, receiptsRefused: 2 });
  });
});

describe("who withholds receipts", () => {
  it("T14 is choked after two segments, and served again when it gives them", () => {
    const pair = granted();
    let sentBytes = 0;
    for (let piece = 0; pair.up.credits.length === 0 && piece < 64; piece++) {
      pair.transfer(1 + Math.floor(piece / 16), 65_536, piece % 16 === 15);
      sentBytes += 65_536;
    }
    expect(pair.up.credits).toEqual([false]);
    expect(sentBytes).toBeGreaterThan(2 * SEGMENT_BYTES);
    expect(sentBytes - 2 * SEGMENT_BYTES).toBeLessThanOrEqual(65_536);
    pair.pass(300);
    pair.deliver();
    expect(pair.up.credits).toEqual([false, true]);
    expect(pair.up.accounts.counters.chokes).toBe(1);
  });

  it("is given another window after five minutes, for bytes may have been lost", () => {
    const pair = granted();
    for (let sequence = 1; sequence <= 3; sequence++) pair.send(sequence, SEGMENT_BYTES);
    expect(pair.up.credits).toEqual([false]);
    pair.pass(5 * 60_000);
    expect(pair.up.credits).toEqual([false, true]);
  });

  it("is not who loses a fifth of what it asked for", () => {
    const pair = granted();
    for (let sequence = 1; sequence <= 200; sequence++) {
      pair.send(sequence, SEGMENT_BYTES);
      pair.prove(sequence, 0.8 * SEGMENT_BYTES, true);
      pair.pass(300);
      pair.deliver();
    }
    expect(pair.up.credits).toEqual([]);
  });
});

describe("who gives receipts that nobody pays for", () => {
  /** As if one receipt had been lost: what it named cannot be told, and no accumulator checked from there on. */
  const withGap = (pair: ReturnType<typeof granted>, sequence: number, before: Receipt | null): Receipt => {
    const links = [{ segment: segmentOf(sequence), bytes: SEGMENT_BYTES - 1 }];
    const receipt = {
      grantId: new Uint8Array(16).fill(1),
      seq: (before?.seq ?? 0) + 2,
      bytes: (before?.bytes ?? 0) + SEGMENT_BYTES,
      segments: (before?.segments ?? 0) + 2,
      acc: new Uint8Array(32).fill(9),
      timestampMs: TRACKER_MS,
      links,
    };
    const signature = pair.down.sign(receiptMessage.preimage(receipt));
    pair.up.feed({ type: "receipt", peer: pair.down.peer, bytes: receiptMessage.seal(receipt, signature) });
    return receipt;
  };

  it("T14 is choked as if there were none", () => {
    const pair = granted();
    let last: Receipt | null = null;
    for (let sequence = 1; sequence <= 4; sequence++) {
      pair.send(sequence, SEGMENT_BYTES);
      last = withGap(pair, sequence, last);
    }
    expect(pair.up.accounts.counters).toMatchObject({ receiptsTaken: 4, receiptsRefused: 0 });
    expect(pair.up.credits).toEqual([false]);
    pair.pass(5 * 60_000);
    expect(pair.up.credits).toEqual([false, true]);
  });

  it("is not who lost its link, and some receipts with it", () => {
    const pair = granted();
    for (let sequence = 1; sequence <= 20; sequence++) {
      pair.transfer(sequence);
      pair.pass(300);
      pair.deliver();
      if (sequence % 5 !== 4) continue;
      for (const lost of [100, 200]) {
        pair.transfer(sequence + lost);
        pair.pass(300);
      }
      pair.down.receipts.length = 0;
      pair.link(false);
      pair.link(true);
      pair.deliver();
    }
    expect(pair.up.credits).toEqual([]);
    expect(pair.up.news.at(-1)?.totalBytes).toBe(28 * SEGMENT_BYTES);
    const news = pair.up.news.map(({ totalBytes }) => totalBytes);
    expect(news).toEqual(news.map((_, at) => (at + 1) * SEGMENT_BYTES));
  });
});

describe("statements", () => {
  const busy = (pair: ReturnType<typeof granted>, from: number, to: number) => {
    for (let sequence = from; sequence <= to; sequence++) {
      pair.transfer(sequence);
      pair.pass(1_000);
      pair.deliver();
    }
  };

  it("tell both sides of a grant alike, soon and then every minute", () => {
    const pair = granted();
    busy(pair, 1, 20);
    for (const [viewer, role] of [
      [pair.up, "uploader"],
      [pair.down, "downloader"],
    ] as const) {
      expect(viewer.statements).toHaveLength(1);
      expect(viewer.statements[0]).toMatchObject({ epoch: 1, cdnBytes: 77, entries: [{ role }] });
      viewer.feed({ type: "acked", seq: viewer.statements[0]!.seq });
    }
    busy(pair, 21, 100);
    const [first, second] = pair.down.statements;
    const [told] = first!.entries;
    const [later] = second!.entries;
    expect(later!.segments - later!.links.length).toBe(told!.segments);
    expect(pair.up.statements[1]!.entries[0]!.receipt).not.toBeNull();
  });

  it("repeat what was not acknowledged", () => {
    const pair = granted();
    busy(pair, 1, 20);
    for (const viewer of [pair.up, pair.down]) viewer.feed({ type: "tracker-lost" });
    busy(pair, 21, 40);
    expect(pair.down.statements).toHaveLength(1);
    for (const viewer of [pair.up, pair.down])
      viewer.feed({ type: "welcome", timeMs: TRACKER_MS + pair.clock.nowMs });
    busy(pair, 41, 90);
    const [first, second] = pair.down.statements;
    expect(second!.seq).toBeGreaterThan(first!.seq);
    expect(second!.entries[0]!.links).toHaveLength(second!.entries[0]!.segments);
  });

  it("are ready for a page that closes, at most 15 s old", () => {
    const pair = granted();
    busy(pair, 1, 50);
    const words = pair.up.accounts.lastWords().map((sealed) => statementMessage.parse(sealed));
    const last = words.at(-1);
    if (!last?.ok) throw new Error("no last words");
    expect(last.value.entries[0]!.segments).toBeGreaterThanOrEqual(50 - 16);
    expect(TRACKER_MS + pair.clock.nowMs - last.value.timestampMs).toBeLessThanOrEqual(15_000);
  });

  it("are still to be said by a page that closes when its tracker died before it answered", () => {
    const pair = granted();
    let seconds = 0;
    while (pair.up.statements.length === 0) busy(pair, ++seconds, seconds);
    expect(seconds).toBeLessThan(60);
    pair.up.feed({ type: "tracker-lost" });
    const words = pair.up.accounts.lastWords().map((sealed) => statementMessage.parse(sealed));
    expect(words.map((parsed) => parsed.ok && parsed.value)).toEqual(pair.up.statements);
  });

  it("have no last words when all is acknowledged", () => {
    const pair = granted();
    busy(pair, 1, 3);
    pair.pass(20_000);
    for (const viewer of [pair.up, pair.down])
      for (const { seq } of viewer.statements) viewer.feed({ type: "acked", seq });
    pair.pass(60_000);
    expect(pair.up.accounts.lastWords()).toEqual([]);
    expect(pair.up.accounts.nextDeadlineMs()).toBeNull();
  });

  it("are told piece by piece after a refusal, and only the refused grant is given up", () => {
    const pair = granted();
    const other = pair.grant({ uploaderKey: pair.down.sessionKey, downloaderKey: pair.up.sessionKey });
    busy(pair, 1, 5);
    const segment = segmentOf(900);
    pair.up.feed({
      type: "proved",
      peer: pair.down.peer,
      segment,
      root: rootOf(1),
      bytes: 1_000,
      complete: true,
    });
    pair.pass(20_000);
    const { up } = pair;
    expect(up.statements.at(-1)!.entries).toHaveLength(2);
    for (let round = 0; round < 4; round++) {
      const last = up.statements.at(-1)!;
      const isBad = last.entries.some(({ grantId }) => encodeHex(grantId) === encodeHex(other.grantId));
      if (isBad) up.feed({ type: "refused", code: "unknown-grant" });
      else up.feed({ type: "acked", seq: last.seq });
      pair.pass(1_000);
    }
    expect(up.accounts.counters).toMatchObject({ statementsAcked: 1, statementsRefused: 2 });
    expect(up.accounts.nextDeadlineMs()).toBeNull();
  });
});

describe("hours of a session", () => {
  it("the accounts of neighbours that had left were kept for ever", () => {
    const { made: pair, count } = countEntries(createPair);
    for (let i = 0; i < 1000; i++) {
      const peer = encodeHex(sha256(Uint8Array.of(i >> 8, i & 255)).subarray(0, 16)) as PeerKey;
      const segment = segmentKeyOf(segmentOf(i));
      pair.up.feed({
        type: "sent",
        peer,
        segment,
        root: null,
        bytes: SEGMENT_BYTES,
        segmentBytes: SEGMENT_BYTES,
      });
    }
    expect(count()).toBeLessThan(100);
  });

  it("what was owed to a neighbour that had left was kept for ever", () => {
    const { made: pair, count } = countEntries(createPair);
    pair.grant();
    const before = count();
    pair.link(true);
    pair.prove(1, 65_536, false);
    pair.link(false);
    pair.pass(20_000);
    expect(pair.down.accounts.counters.receiptsGiven).toBe(1);
    const statementReady = 1;
    expect(count()).toBe(before + statementReady);
  });

  it("a debtor is forgotten as a debtor too, when its account is", () => {
    const pair = granted();
    for (let sequence = 1; sequence <= 4; sequence++) pair.send(sequence, SEGMENT_BYTES);
    expect(pair.up.credits).toEqual([false]);
    for (let i = 0; i < 100; i++) {
      const peer = encodeHex(sha256(Uint8Array.of(i)).subarray(0, 16)) as PeerKey;
      const segment = segmentKeyOf(segmentOf(i));
      pair.up.feed({ type: "sent", peer, segment, root: null, bytes: 1, segmentBytes: SEGMENT_BYTES });
    }
    expect(pair.up.credits).toEqual([false, true]);
  });
});
