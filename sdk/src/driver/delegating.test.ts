import {
  decodeBase64Url,
  delegationMessage,
  delegationOfferPreimage,
  encodeBase64Url,
} from "@tributary/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDigests } from "../adapters/crypto/digest.ts";
import { createIdentity, type Identity, verifySignature } from "../adapters/crypto/identity.ts";
import type { DelegationRequest, EarnOptions } from "../driver-contract.ts";
import { delegate } from "./delegating.ts";

const { subtle } = crypto;
const clock = {
  now: () => performance.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
let identity: Identity;
let accountKeys: CryptoKeyPair;
let account: string;
beforeEach(async () => {
  identity = await createIdentity(crypto, createDigests(subtle));
  accountKeys = (await subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  account = encodeBase64Url(new Uint8Array(await subtle.exportKey("raw", accountKeys.publicKey)));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function signed({ bytes }: DelegationRequest): Promise<string> {
  const signature = await subtle.sign("Ed25519", accountKeys.privateKey, decodeBase64Url(bytes)!.slice());
  return encodeBase64Url(new Uint8Array(signature));
}

/** What a tracker checks, but for its clock. */
async function expectTrue(earn: EarnOptions): Promise<void> {
  const made = await delegate(earn, identity, subtle, clock);
  expect(made.account).toBe(account);
  const parsed = delegationMessage.parse(made.delegation);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { value, preimage, signature } = parsed;
  expect(encodeBase64Url(value.account)).toBe(account);
  expect(value.sessionKey).toEqual(identity.sessionKey);
  expect(value.publisher).toEqual(new Uint8Array(16));
  expect(await verifySignature(subtle, identity.sessionKey, signature, preimage)).toBe("valid");
  const offer = delegationOfferPreimage(value);
  expect(await verifySignature(subtle, value.account, value.accountSignature, offer)).toBe("valid");
}

test("a page's function signs for the account, and the session seals it", async () => {
  await expectTrue({ account, delegation: signed });
});

test.each([
  ["the signature itself", (signature: string) => `${signature}\n`],
  ["an object", (signature: string) => JSON.stringify({ signature })],
])("a URL is asked instead; it answers with %s", async (_name, body) => {
  const fetched = vi.fn(async (_url: string, init: RequestInit) => {
    const request = JSON.parse(String(init.body)) as DelegationRequest;
    expect(request).toMatchObject({ account, sessionKey: encodeBase64Url(identity.sessionKey) });
    return new Response(body(await signed(request)));
  });
  vi.stubGlobal("fetch", fetched);
  await expectTrue({ account, delegation: "/delegate" });
  expect(fetched.mock.calls[0]![0]).toBe("/delegate");
});

test("it ends before the tracker's limit of a day, on clocks that are hours apart too", async () => {
  const { delegation } = await delegate({ account, delegation: signed }, identity, subtle, clock);
  const parsed = delegationMessage.parse(delegation);
  const lifeMs = parsed.ok ? parsed.value.expiryMs - Date.now() : 0;
  expect(lifeMs).toBeGreaterThan(11 * 3_600_000);
  expect(lifeMs).toBeLessThan(13 * 3_600_000);
});

test.each([
  ["that is no signature", () => Promise.resolve("AAAA"), "is no signature"],
  ["that is an error", () => Promise.reject(new Error("the wallet is locked")), "the wallet is locked"],
])("an answer %s is a reason, not a delegation", async (_name, delegation, reason) => {
  await expect(delegate({ account, delegation }, identity, subtle, clock)).rejects.toThrow(reason);
});

test("a refusal of the page's server is named", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("no", { status: 403 })));
  const asked = delegate({ account, delegation: "/delegate" }, identity, subtle, clock);
  await expect(asked).rejects.toThrow("/delegate answered 403");
});

test("a wallet that does not answer is not waited for", async () => {
  vi.useFakeTimers();
  const asked = delegate({ account, delegation: () => new Promise(() => {}) }, identity, subtle, clock);
  const outcome = expect(asked).rejects.toThrow("does not answer");
  await vi.advanceTimersByTimeAsync(5_000);
  await outcome;
});

test("without Ed25519 there is nothing to seal with", async () => {
  const old = { ...identity, sign: async () => new Uint8Array(0) };
  await expect(delegate({ account, delegation: signed }, old, subtle, clock)).rejects.toThrow(
    "lacks Ed25519",
  );
});
