import { readFileSync } from "node:fs";
import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "vitest";
import {
  decodeHex,
  delegationMessage,
  delegationOfferPreimage,
  encodeHex,
  grantMessage,
  receiptMessage,
  resumeTicketMessage,
  type SignedMessage,
  statementMessage,
} from "../src/index.ts";
import { generateVectors } from "./generate.ts";

const folder = new URL("./", import.meta.url);
const generated = generateVectors();
const parsers: Record<string, SignedMessage<unknown>> = {
  grant: grantMessage as SignedMessage<unknown>,
  receipt: receiptMessage as SignedMessage<unknown>,
  statement: statementMessage as SignedMessage<unknown>,
  delegation: delegationMessage as SignedMessage<unknown>,
  "resume-ticket": resumeTicketMessage as SignedMessage<unknown>,
};

interface VectorFile {
  readonly message: string;
  readonly keys: readonly { readonly name: string; readonly publicKey: string }[];
  readonly valid: readonly { readonly name: string; readonly signer: string; readonly bytes: string }[];
  readonly invalid: readonly {
    readonly name: string;
    readonly signer: string;
    readonly bytes: string;
    readonly code: string;
  }[];
}

function verifies(publicKey: string, preimage: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.from(`302a300506032b6570032100${publicKey}`, "hex");
  return verify(null, preimage, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
}

/** The code that a reader of the message comes to, null for a good one. */
function codeOf({ message, keys }: VectorFile, signer: string, bytes: Uint8Array): string | null {
  const parsed = parsers[message]!.parse(bytes);
  if (!parsed.ok) return parsed.fault;
  const key = (name: string) => keys.find((known) => known.name === name)!.publicKey;
  const ofOffer = (value: Parameters<typeof delegationOfferPreimage>[0] & { accountSignature: Uint8Array }) =>
    verifies(encodeHex(value.account), delegationOfferPreimage(value), value.accountSignature);
  const isTrue =
    verifies(key(signer), parsed.preimage, parsed.signature) &&
    (message !== "delegation" || ofOffer(parsed.value as never));
  return isTrue ? null : "bad-signature";
}

test("the committed vectors are those that the script writes: npm run vectors", () => {
  for (const [name, content] of Object.entries(generated))
    expect(readFileSync(new URL(name, folder), "utf8"), name).toBe(content);
});

const files = Object.entries(generated).flatMap(([name, content]) =>
  name === "accumulator.json" ? [] : [[name, JSON.parse(content) as VectorFile] as const],
);

test.each(files)("%s: what is good is taken, what is not has its code", (_, file) => {
  expect(file.valid.length).toBeGreaterThan(0);
  for (const { name, signer, bytes } of file.valid)
    expect(codeOf(file, signer, decodeHex(bytes)!), name).toBeNull();
  expect(file.invalid.length).toBeGreaterThan(10);
  for (const { name, signer, bytes, code } of file.invalid)
    expect(codeOf(file, signer, decodeHex(bytes)!), name).toBe(code);
});
