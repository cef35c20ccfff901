import {
  delegationMessage,
  encodeHex,
  type ErrorCode,
  grantMessage,
  receiptFault,
  receiptMessage,
  resumeTicketMessage,
  type SignedMessage,
  statementMessage,
} from "../src/index.ts";
import * as fields from "./fields.ts";
import { account, ALL_KEYS, downloader, tracker, uploader, type VectorKey } from "./keys.ts";

interface Bad {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: ErrorCode;
}

const hex = (_key: string, value: unknown) => (value instanceof Uint8Array ? encodeHex(value) : value);
const text = (value: unknown) => `${JSON.stringify(value, hex, 2)}\n`;

const patched = (bytes: Uint8Array, at: number, patch: readonly number[]) => {
  const copy = Uint8Array.from(bytes);
  copy.set(patch, at < 0 ? bytes.length + at : at);
  return copy;
};
const cut = (bytes: Uint8Array, from: number, count: number) =>
  Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + count)]);

const TWO_TO_53 = [0, 0x20, 0, 0, 0, 0, 0, 0];
const TWO_TO_63 = [0x80, 0, 0, 0, 0, 0, 0, 0];
const ZERO_64 = [0, 0, 0, 0, 0, 0, 0, 0];

/** What goes wrong with every message alike. `u64At`: where one of its u64 fields lies. */
function usualFaults(bytes: Uint8Array, type: number, u64At: number): Bad[] {
  return [
    { name: "nothing", bytes: new Uint8Array(0), code: "wrong-length" },
    { name: "a byte short", bytes: bytes.slice(0, -1), code: "wrong-length" },
    { name: "a byte too many", bytes: Uint8Array.from([...bytes, 0]), code: "wrong-length" },
    { name: "without its signature", bytes: bytes.slice(0, -64), code: "wrong-length" },
    { name: "the type of another message", bytes: patched(bytes, 0, [(type % 5) + 1]), code: "wrong-type" },
    { name: "an unknown type", bytes: patched(bytes, 0, [0]), code: "wrong-type" },
    { name: "a number of 2^53", bytes: patched(bytes, u64At, TWO_TO_53), code: "overflow" },
    { name: "a number of 2^63", bytes: patched(bytes, u64At, TWO_TO_63), code: "overflow" },
    {
      name: "a bit of the signature",
      bytes: patched(bytes, -1, [bytes.at(-1)! ^ 0x10]),
      code: "bad-signature",
    },
  ];
}

function file<T>(
  name: string,
  type: number,
  message: SignedMessage<T>,
  signer: VectorKey,
  values: Readonly<Record<string, { readonly value: T; readonly signer?: VectorKey }>>,
  u64At: number,
  more: (bytes: Uint8Array, value: T) => readonly Bad[],
  extra: object = {},
): string {
  const valid = Object.entries(values).map(([of, { value, signer: own = signer }]) => {
    const preimage = message.preimage(value);
    const signature = own.sign(preimage);
    const bytes = message.seal(value, signature);
    return { name: of, signer: own.name, value, preimage, signature, bytes };
  });
  const { bytes, value, preimage } = valid[0]!;
  const stranger = ALL_KEYS.find((key) => key.name !== valid[0]!.signer)!;
  const foreign = Uint8Array.from([
    ...new TextEncoder().encode(`tributary/x${name}/v1\0`),
    ...bytes.slice(0, -64),
  ]);
  const invalid: readonly Bad[] = [
    ...usualFaults(bytes, type, u64At),
    {
      name: "signed by another key",
      bytes: message.seal(value, stranger.sign(preimage)),
      code: "bad-signature",
    },
    {
      name: "signed in another domain",
      bytes: message.seal(value, signer.sign(foreign)),
      code: "bad-signature",
    },
    ...more(bytes, value),
  ];
  return text({
    message: name,
    type,
    domain: `tributary/${name}/v1\0`,
    keys: ALL_KEYS.map(({ name: of, seed, publicKey }) => ({ name: of, seed: encodeHex(seed), publicKey })),
    valid,
    invalid: invalid.map((bad) => ({ signer: valid[0]!.signer, ...bad })),
    ...extra,
  });
}

const HEAD = 1 + 16 + 4 + 8 + 4 + 32;

/** Offsets in `firstReceipt`: its one run begins after head, timestamp and the number of runs. */
const RUN = HEAD + 8 + 2;
const FIRST_LINK = RUN + 18;

function receiptFaults(bytes: Uint8Array): Bad[] {
  return [
    { name: "seq 0", bytes: patched(bytes, 17, [0, 0, 0, 0]), code: "inconsistent" },
    { name: "fewer bytes than its links", bytes: patched(bytes, 21, ZERO_64), code: "inconsistent" },
    { name: "fewer segments than links", bytes: patched(bytes, 29, [0, 0, 0, 2]), code: "inconsistent" },
    { name: "more runs than there are", bytes: patched(bytes, RUN - 2, [0xff, 0xff]), code: "wrong-length" },
    { name: "more links than may be", bytes: patched(bytes, RUN + 16, [0xff, 0xff]), code: "wrong-length" },
    { name: "an empty run", bytes: patched(bytes, RUN + 16, [0, 0]), code: "wrong-order" },
    { name: "a link of no bytes", bytes: patched(bytes, FIRST_LINK + 4, [0, 0, 0, 0]), code: "bad-message" },
    { name: "a link beyond 64 MiB", bytes: patched(bytes, FIRST_LINK + 4, [4, 0, 0, 1]), code: "overflow" },
    {
      name: "a run past the last sequence",
      bytes: patched(bytes, RUN + 4, [0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      code: "overflow",
    },
    { name: "a run in two", bytes: splitRun(bytes), code: "wrong-order" },
  ];
}

/** The run of three links as one of one and one of two. */
function splitRun(bytes: Uint8Array): Uint8Array {
  const second = Uint8Array.from([...bytes.slice(RUN, RUN + 4), 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 2]);
  const head = patched(patched(bytes, RUN - 2, [0, 2]), RUN + 16, [0, 1]).slice(0, FIRST_LINK + 8);
  return Uint8Array.from([...head, ...second, ...bytes.slice(FIRST_LINK + 8)]);
}

const STATEMENT_HEAD = 1 + 32 + 4 + 4 + 8 + 8;
const ENTRY = STATEMENT_HEAD + 2;

function statementFaults(bytes: Uint8Array, entryCount: number): Bad[] {
  const entryBytes = (bytes.length - ENTRY - 64) / entryCount;
  const swapped = Uint8Array.from([
    ...bytes.slice(0, ENTRY),
    ...bytes.slice(ENTRY + entryBytes, ENTRY + 2 * entryBytes),
    ...bytes.slice(ENTRY, ENTRY + entryBytes),
    ...bytes.slice(-64),
  ]);
  return [
    { name: "seq 0", bytes: patched(bytes, 37, [0, 0, 0, 0]), code: "inconsistent" },
    { name: "entries that do not ascend", bytes: swapped, code: "wrong-order" },
    {
      name: "the same grant twice",
      bytes: patched(bytes, ENTRY + 1, [...bytes.slice(ENTRY + entryBytes + 1, ENTRY + entryBytes + 17)]),
      code: "wrong-order",
    },
    { name: "more entries than may be", bytes: patched(bytes, ENTRY - 2, [0, 65]), code: "wrong-length" },
    { name: "more entries than there are", bytes: patched(bytes, ENTRY - 2, [0, 64]), code: "wrong-length" },
    { name: "an unknown role", bytes: patched(bytes, ENTRY, [2]), code: "bad-message" },
    { name: "an uploader without a receipt", bytes: patched(bytes, ENTRY, [1]), code: "wrong-type" },
  ];
}

function receiptRules() {
  const { grant, firstReceipt: first, secondReceipt: second, START_MS } = fields;
  const other = { ...grant, grantId: new Uint8Array(16) };
  const cases: [string, typeof first, typeof first | null, number, typeof grant?][] = [
    ["the first one", first, null, 15_000],
    ["the next one", second, first, 30_000],
    ["one whose forerunner was lost", second, null, 30_000],
    ["as late as it may be", second, first, 60_000],
    ["of another grant", first, null, 15_000, other],
    ["the same once more", first, first, 15_000],
    ["an older one", first, second, 30_000],
    ["links told twice", { ...first, seq: 2 }, first, 30_000],
    ["bytes from nowhere", { ...second, bytes: second.bytes + 1 }, first, 30_000],
    ["more than the grant allows", first, null, 15_000, { ...grant, maxBytes: first.bytes - 1 }],
    ["dated before its grant", first, null, 15_000, { ...grant, notBeforeMs: START_MS + 60_000 }],
    ["dated after its grant", first, null, 15_000, { ...grant, notBeforeMs: 0, expiryMs: START_MS - 20_000 }],
    ["dated in the future", first, null, -15_001],
    ["dated long ago", first, null, 45_001],
  ];
  return cases.map(([name, receipt, before, atMs, of = grant]) => ({
    name,
    grant: of,
    before,
    receipt,
    nowMs: START_MS + atMs,
    code: receiptFault(receipt, of, before, START_MS + atMs)?.code ?? null,
  }));
}

/** File name -> content. The same in every run: Ed25519 signatures have no randomness. */
export function generateVectors(): Readonly<Record<string, string>> {
  const links = fields.chain.map((link, index) => ({
    acc: fields.accs[index - 1] ?? new Uint8Array(32),
    ...link,
    root: fields.rootOf(index),
    next: fields.accs[index],
  }));
  return {
    "accumulator.json": text({ links }),
    "grant.json": file(
      "grant",
      1,
      grantMessage,
      tracker,
      { "a grant": { value: fields.grant } },
      157,
      (bytes) => [
        { name: "an unknown pay class", bytes: patched(bytes, 165, [2]), code: "bad-message" },
        {
          name: "expires as it begins",
          bytes: patched(bytes, 149, [...bytes.slice(141, 149)]),
          code: "inconsistent",
        },
      ],
    ),
    "receipt.json": file(
      "receipt",
      2,
      receiptMessage,
      downloader,
      { "the first one": { value: fields.firstReceipt }, "the second one": { value: fields.secondReceipt } },
      HEAD,
      receiptFaults,
      { rules: receiptRules() },
    ),
    "statement.json": file(
      "statement",
      3,
      statementMessage,
      downloader,
      {
        "a downloader's": { value: fields.downloaderStatement },
        "an uploader's": { value: fields.uploaderStatement, signer: uploader },
        "without entries": { value: fields.emptyStatement, signer: uploader },
      },
      49,
      (bytes, { entries }) => statementFaults(bytes, entries.length),
    ),
    "delegation.json": file(
      "delegation",
      4,
      delegationMessage,
      uploader,
      { "to a session": { value: fields.delegation } },
      81,
      (bytes, value) => [
        {
          name: "not the account's signature",
          bytes: delegationMessage.seal(
            { ...value, accountSignature: new Uint8Array(64) },
            uploader.sign(delegationMessage.preimage({ ...value, accountSignature: new Uint8Array(64) })),
          ),
          code: "bad-signature",
        },
        { name: "cut after the offer", bytes: cut(bytes, 97, 64), code: "wrong-length" },
      ],
      { accountSigner: account.name, offerDomain: "tributary/delegation-offer/v1\0" },
    ),
    "resume-ticket.json": file(
      "resume-ticket",
      5,
      resumeTicketMessage,
      tracker,
      { "a ticket": { value: fields.resumeTicket } },
      129,
      (bytes) => [
        {
          name: "expires as it begins",
          bytes: patched(bytes, 129, [...bytes.slice(121, 129)]),
          code: "inconsistent",
        },
      ],
    ),
  };
}
