import fc, { type Arbitrary } from "fast-check";
import {
  bytesOfLinks,
  type Delegation,
  encodeHex,
  type Grant,
  type Link,
  MAX_PART,
  type Receipt,
  receiptMessage,
  type ResumeTicket,
  type Statement,
  type StatementEntry,
} from "../index.ts";
import { segmentId } from "./arbitraries.ts";

const byteString = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.oneof(fc.nat({ max: 9 }), fc.integer({ min: 0, max: 0xffff_ffff }));
const u64 = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const time = fc.integer({ min: 0, max: 2 ** 45 });
const seq = u32.map((value) => Math.max(1, value));
const linkBytes = fc.oneof(fc.constant(65_536), fc.integer({ min: 1, max: 64 * 1024 * 1024 }));

export const link: Arbitrary<Link> = fc.record({ segment: segmentId, bytes: linkBytes });

/** Some in runs, some not. */
const links = (maxLength: number): Arbitrary<Link[]> =>
  fc
    .array(fc.record({ first: segmentId, sizes: fc.array(linkBytes, { minLength: 1, maxLength: 4 }) }), {
      maxLength,
    })
    .map((runs) =>
      runs.flatMap(({ first, sizes }) =>
        sizes.flatMap((bytes, index) => {
          const sequence = first.part < 0 ? first.sequence + index : first.sequence;
          const part = first.part < 0 ? first.part : first.part + index;
          return sequence > Number.MAX_SAFE_INTEGER || part > MAX_PART
            ? []
            : [{ segment: { ...first, sequence, part, fingerprint: first.fingerprint ^ index }, bytes }];
        }),
      ),
    )
    .map((all) =>
      all.map((one) => ({ ...one, segment: { ...one.segment, fingerprint: one.segment.fingerprint >>> 0 } })),
    );

const counted = (maxRuns: number) =>
  fc
    .record({ links: links(maxRuns), earlier: fc.nat({ max: 1_000 }), seq, acc: byteString(32) })
    .map((of) => ({
      seq: of.seq,
      bytes: bytesOfLinks(of.links) + of.earlier * 70_000,
      segments: of.links.length + of.earlier,
      acc: of.acc,
      links: of.links,
    }));

const receipt: Arbitrary<Receipt> = fc
  .record({ grantId: byteString(16), timestampMs: time, counters: counted(6) })
  .map(({ grantId, timestampMs, counters }) => ({
    grantId,
    seq: counters.seq,
    bytes: counters.bytes,
    segments: counters.segments,
    acc: counters.acc,
    timestampMs,
    links: counters.links,
  }));

const entry: Arbitrary<StatementEntry> = fc.oneof(
  fc
    .record({ grantId: byteString(16), counters: counted(6) })
    .map(({ grantId, counters }): StatementEntry => ({
      role: "downloader",
      grantId,
      ...counters,
      receipt: null,
    })),
  receipt.map(({ timestampMs, ...held }): StatementEntry => ({
    role: "uploader",
    ...held,
    receipt: receiptMessage.seal({ timestampMs, ...held }, new Uint8Array(64).fill(timestampMs)),
  })),
);

const statement: Arbitrary<Statement> = fc
  .record({
    sessionKey: byteString(32),
    epoch: u32,
    seq,
    timestampMs: time,
    cdnBytes: u64,
    entries: fc.uniqueArray(entry, { maxLength: 4, selector: ({ grantId }) => encodeHex(grantId) }),
  })
  .map((of) => ({
    ...of,
    entries: of.entries.sort((a, b) => (encodeHex(a.grantId) < encodeHex(b.grantId) ? -1 : 1)),
  }));

const grant: Arbitrary<Grant> = fc.record({
  trackerKeyId: byteString(8),
  grantId: byteString(16),
  epoch: u32,
  publisher: byteString(16),
  swarm: byteString(32),
  uploaderKey: byteString(32),
  downloaderKey: byteString(32),
  notBeforeMs: time,
  expiryMs: time.map((ms) => ms + 2 ** 45 + 1),
  maxBytes: u64,
  payClass: fc.constantFrom("unpaid", "paid"),
});

const delegation: Arbitrary<Delegation> = fc.record({
  account: byteString(32),
  sessionKey: byteString(32),
  publisher: byteString(16),
  expiryMs: u64,
  serial: u64,
  accountSignature: byteString(64),
});

const resumeTicket: Arbitrary<ResumeTicket> = fc.record({
  trackerKeyId: byteString(8),
  sessionKey: byteString(32),
  publisher: byteString(16),
  contentHash: byteString(32),
  account: byteString(32),
  issuedMs: time,
  expiryMs: time.map((ms) => ms + 2 ** 45 + 1),
});

export const signedMessages = { grant, receipt, statement, delegation, resumeTicket };
