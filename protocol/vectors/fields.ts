import {
  accumulate,
  type Delegation,
  delegationOfferPreimage,
  EMPTY_ACC,
  type Grant,
  type Link,
  type Receipt,
  receiptMessage,
  type ResumeTicket,
  type Statement,
  type StatementEntry,
} from "../src/index.ts";
import { account, downloader, sha256, tracker, uploader } from "./keys.ts";

/** Any moment does; this one is 2023-11-14T22:13:20Z. */
export const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

const named = (what: string, length: number) => sha256(`tributary vectors ${what}`).slice(0, length);
const trackerKeyId = sha256(tracker.publicKey).slice(0, 8);
const publisher = named("publisher", 16);

export const grant: Grant = {
  trackerKeyId,
  grantId: named("grant", 16),
  epoch: 2_833_333,
  publisher,
  swarm: named("swarm", 32),
  uploaderKey: uploader.publicKey,
  downloaderKey: downloader.publicKey,
  notBeforeMs: START_MS,
  expiryMs: START_MS + 10 * MINUTE_MS,
  maxBytes: 2 ** 40,
  payClass: "paid",
};

const whole = (sequence: number) => ({
  track: 0x01020304,
  sequence,
  part: -1,
  fingerprint: 0xa0a0a000 + sequence,
});
const partOf = (sequence: number, part: number) => ({ track: 9, sequence, part, fingerprint: part });

/** Two tracks in turn, two runs, parts, a segment that comes in two links, the largest numbers. */
export const chain: readonly Link[] = [
  { segment: whole(7), bytes: 65_536 },
  { segment: whole(8), bytes: 131_072 },
  { segment: whole(9), bytes: 1 },
  { segment: partOf(10, 0), bytes: 300 },
  { segment: partOf(10, 1), bytes: 301 },
  { segment: whole(10), bytes: 500 },
  { segment: whole(10), bytes: 700 },
  {
    segment: {
      track: 0xffff_ffff,
      sequence: Number.MAX_SAFE_INTEGER,
      part: 0xffff,
      fingerprint: 0xffff_ffff,
    },
    bytes: 64 * 1024 * 1024,
  },
];

export const rootOf = (index: number) => named(`root ${index}`, 32);

/** The accumulator after each link. */
export const accs: readonly Uint8Array[] = chain.reduce<Uint8Array[]>((before, { segment, bytes }, index) => {
  return [...before, accumulate(sha256, before.at(-1) ?? EMPTY_ACC, segment, rootOf(index), bytes)];
}, []);

export function receiptOf(seq: number, from: number, to: number): Receipt {
  return {
    grantId: grant.grantId,
    seq,
    bytes: chain.slice(0, to).reduce((sum, { bytes }) => sum + bytes, 0),
    segments: to,
    acc: accs[to - 1] ?? EMPTY_ACC,
    timestampMs: START_MS + seq * 15_000,
    links: chain.slice(from, to),
  };
}

export const firstReceipt = receiptOf(1, 0, 3);
export const secondReceipt = receiptOf(2, 3, chain.length);

export const sealReceipt = (receipt: Receipt) =>
  receiptMessage.seal(receipt, downloader.sign(receiptMessage.preimage(receipt)));

const { timestampMs: _, links: __, ...lastClaim } = secondReceipt;
const downloaded: StatementEntry = { ...lastClaim, role: "downloader", links: chain, receipt: null };
const uploaded: StatementEntry = {
  ...lastClaim,
  role: "uploader",
  links: secondReceipt.links,
  receipt: sealReceipt(secondReceipt),
};
const another: StatementEntry = { ...downloaded, grantId: new Uint8Array(16).fill(0xff) };

const statementBase = { epoch: grant.epoch, timestampMs: START_MS + 60_000 };
export const downloaderStatement: Statement = {
  ...statementBase,
  sessionKey: downloader.publicKey,
  seq: 1,
  cdnBytes: 12_345_678,
  entries: [downloaded, another],
};
export const uploaderStatement: Statement = {
  ...statementBase,
  sessionKey: uploader.publicKey,
  seq: 2,
  cdnBytes: 0,
  entries: [uploaded],
};
export const emptyStatement: Statement = { ...uploaderStatement, seq: 3, entries: [] };

const offer = {
  account: account.publicKey,
  sessionKey: uploader.publicKey,
  publisher,
  expiryMs: START_MS + 24 * 60 * MINUTE_MS,
  serial: 1,
};
export const delegation: Delegation = {
  ...offer,
  accountSignature: account.sign(delegationOfferPreimage(offer)),
};

export const resumeTicket: ResumeTicket = {
  trackerKeyId,
  sessionKey: uploader.publicKey,
  publisher,
  contentHash: sha256("https://cdn.example.com/film/master.m3u8"),
  account: account.publicKey,
  issuedMs: START_MS,
  expiryMs: START_MS + 60 * MINUTE_MS,
};
