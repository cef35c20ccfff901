import { createHash } from "node:crypto";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accumulate,
  bytesOfLinks,
  type Claim,
  delegationMessage,
  EMPTY_ACC,
  grantMessage,
  type Link,
  MAX_RECEIPT_BYTES,
  MAX_RECEIPT_LINKS,
  type Receipt,
  receiptMessage,
  resumeTicketMessage,
  type SignedMessage,
  type Statement,
  type StatementEntry,
  statementMessage,
} from "../index.ts";
import { link, signedMessages } from "../testing/signed-arbitraries.ts";
import { createRandom, seed } from "../testing/seed.ts";

const signature = new Uint8Array(64).fill(5);
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

const kinds: [string, SignedMessage<unknown>, Arbitrary<unknown>][] = [
  ["grant", grantMessage as SignedMessage<unknown>, signedMessages.grant],
  ["receipt", receiptMessage as SignedMessage<unknown>, signedMessages.receipt],
  ["statement", statementMessage as SignedMessage<unknown>, signedMessages.statement],
  ["delegation", delegationMessage as SignedMessage<unknown>, signedMessages.delegation],
  ["resume-ticket", resumeTicketMessage as SignedMessage<unknown>, signedMessages.resumeTicket],
];

describe.each(kinds)("%s", (name, message, arbitrary) => {
  test("round trips, and its preimage is domain, type and fields", () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        const bytes = message.seal(value, signature);
        const preimage = message.preimage(value);
        expect(message.parse(bytes)).toEqual({ ok: true, value, preimage, signature });
        const domain = Buffer.from(`tributary/${name}/v1\0`);
        expect(Buffer.compare(preimage, Buffer.concat([domain, bytes.subarray(0, -64)]))).toBe(0);
      }),
      { seed, numRuns: 200 },
    );
  });

  test("no cut and no added byte is taken", () => {
    const [value] = fc.sample(arbitrary, { seed, numRuns: 1 });
    const bytes = message.seal(value, signature);
    for (let length = 0; length < bytes.length; length++)
      expect(message.parse(bytes.subarray(0, length)), `${length} bytes`).toMatchObject({ ok: false });
    expect(message.parse(Uint8Array.from([...bytes, 0]))).toMatchObject({ ok: false, fault: "wrong-length" });
  });

  test("20,000 spoiled ones never throw, and what is taken is canonical", () => {
    const random = createRandom(seed);
    const honest = fc.sample(arbitrary, { seed, numRuns: 40 }).map((value) => message.seal(value, signature));
    let taken = 0;
    for (let attempt = 0; attempt < 20_000; attempt++) {
      const bytes = honest[random.below(honest.length)]!.slice();
      for (let changes = 1 + random.below(3); changes > 0; changes--) {
        const at = random.below(random.below(2) === 0 ? bytes.length : 120) % bytes.length;
        bytes[at] = random.below(3) === 0 ? 0xff : bytes[at]! ^ (1 << random.below(8));
      }
      const before = bytes.slice();
      const parsed = message.parse(bytes);
      expect(Buffer.compare(bytes, before)).toBe(0);
      if (!parsed.ok) {
        expect(parsed.reason.length).toBeLessThan(200);
        continue;
      }
      taken++;
      expect(Buffer.compare(message.seal(parsed.value, parsed.signature), bytes)).toBe(0);
    }
    expect(taken).toBeGreaterThan(100);
    expect(taken).toBeLessThan(19_900);
  });
});

describe("a receipt", () => {
  test("holds its most links even if each is a run of its own", () => {
    const links = Array.from({ length: MAX_RECEIPT_LINKS }, (_, index) => ({
      segment: { track: index % 2, sequence: index, part: -1, fingerprint: index },
      bytes: 1,
    }));
    const value = receiptOf(links);
    const bytes = receiptMessage.seal(value, signature);
    expect(bytes.length).toBeLessThanOrEqual(MAX_RECEIPT_BYTES);
    expect(receiptMessage.parse(bytes)).toMatchObject({ ok: true, value });
    expect(() => receiptMessage.preimage(receiptOf([...links, ...links]))).toThrow(/^receipt.links: /);
  });

  test("of 15 segments in a row takes 8 bytes for each", () => {
    const links = Array.from({ length: 15 }, (_, index) => ({
      segment: { track: 1, sequence: 100 + index, part: -1, fingerprint: index },
      bytes: 1_000,
    }));
    expect(receiptMessage.seal(receiptOf(links), signature).length).toBe(74 + 2 + 18 + 15 * 8 + 64 - 1);
  });

  test("with counters that cannot be is refused by the encoder too", () => {
    const value = receiptOf([{ segment: { track: 1, sequence: 1, part: -1, fingerprint: 1 }, bytes: 10 }]);
    for (const wrong of [
      { seq: 0 },
      { bytes: 9 },
      { bytes: 11 },
      { segments: 0 },
      { segments: 3, bytes: 11 },
    ])
      expect(() => receiptMessage.preimage({ ...value, ...wrong })).toThrow(/^receipt: /);
    for (const wrong of [{ bytes: -1 }, { bytes: 2 ** 53 }, { bytes: 1.5 }, { bytes: NaN }])
      expect(() => receiptMessage.preimage({ ...value, ...wrong })).toThrow(RangeError);
  });
});

describe("a statement", () => {
  const entry = (id: number): StatementEntry => {
    const { timestampMs: _, ...claim } = receiptOf([]);
    return { ...claim, grantId: new Uint8Array(16).fill(id), role: "downloader", receipt: null };
  };
  const of = (entries: readonly StatementEntry[]): Statement => ({
    sessionKey: new Uint8Array(32),
    epoch: 1,
    seq: 1,
    timestampMs: 1,
    cdnBytes: 0,
    entries,
  });

  test("names each grant once, in order", () => {
    expect(() => statementMessage.preimage(of([entry(1), entry(2)]))).not.toThrow();
    expect(() => statementMessage.preimage(of([entry(2), entry(1)]))).toThrow(/ascending/);
    expect(() => statementMessage.preimage(of([entry(1), entry(1)]))).toThrow(/ascending/);
  });

  test("of an uploader proves its claim with the receipt it holds", () => {
    const held = receiptOf([]);
    const receipt = receiptMessage.seal(held, signature);
    const { timestampMs: _, ...claim } = held;
    const good: StatementEntry = { ...claim, role: "uploader", receipt };
    expect(statementMessage.parse(statementMessage.seal(of([good]), signature))).toMatchObject({
      ok: true,
      value: of([good]),
    });
    expect(() => statementMessage.preimage(of([{ ...good, seq: 2 }]))).toThrow(/receipt of this claim/);
    expect(() => statementMessage.preimage(of([{ ...good, receipt: null }]))).toThrow(
      /receipt of this claim/,
    );
    expect(() => statementMessage.preimage(of([{ ...good, role: "downloader" }]))).toThrow(/holds none/);
  });
});

test("the accumulator tells order, content, amount and segment apart", () => {
  fc.assert(
    fc.property(
      fc.array(link, { minLength: 2, maxLength: 6 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (links, root) => {
        const chain = (of: readonly Link[]) =>
          Buffer.from(
            of.reduce((acc, { segment, bytes }) => accumulate(sha256, acc, segment, root, bytes), EMPTY_ACC),
          ).toString("hex");
        const [first, ...rest] = links as [Link, ...Link[]];
        const whole = chain(links);
        expect(chain(rest)).not.toBe(whole);
        expect(chain([{ ...first, bytes: first.bytes + 1 }, ...rest])).not.toBe(whole);
        const { segment } = first;
        expect(
          chain([
            { ...first, segment: { ...segment, fingerprint: (segment.fingerprint ^ 1) >>> 0 } },
            ...rest,
          ]),
        ).not.toBe(whole);
        fc.pre(JSON.stringify(links) !== JSON.stringify([...links].reverse()));
        expect(chain([...links].reverse())).not.toBe(whole);
      },
    ),
    { seed, numRuns: 200 },
  );
});

function receiptOf(links: readonly Link[]): Receipt {
  const claim: Claim = {
    grantId: new Uint8Array(16).fill(1),
    seq: 1,
    bytes: bytesOfLinks(links),
    segments: links.length,
    acc: new Uint8Array(32),
  };
  return { ...claim, timestampMs: 1, links };
}
