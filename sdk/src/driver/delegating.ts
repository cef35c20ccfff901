import {
  decodeBase64Url,
  delegationMessage,
  delegationOfferPreimage,
  encodeBase64Url,
  SIGNATURE_BYTES,
} from "@tributary/protocol";
import type { Identity } from "../adapters/crypto/identity.ts";
import { openAccountKey } from "../adapters/storage/account-key.ts";
import type { Clock, DelegationRequest, DelegationSource, EarnOptions } from "../driver-contract.ts";

/** Half of what is allowed: clocks that are hours apart shall cost nobody what they earn. */
const lifeMs = 12 * 60 * 60 * 1000;
/** At whatever publisher this session is admitted; it ends with the page anyway. */
const ANY_PUBLISHER = new Uint8Array(16);

export interface Delegated {
  /** In base64url. */
  readonly account: string;
  /** For HELLO. */
  readonly delegation: Uint8Array;
}

/** The tracker waits ten seconds for HELLO. */
const answerMaxMs = 5_000;

/** Has the account sign that this session earns for it. Rejects where that cannot be had in time, and says why. */
export function delegate(
  earn: EarnOptions,
  identity: Identity,
  subtle: SubtleCrypto,
  clock: Clock,
): Promise<Delegated> {
  return new Promise((resolve, reject) => {
    const callOff = clock.after(answerMaxMs, () => reject(new Error("its account does not answer")));
    delegated(earn, identity, subtle, Date.now()).then(resolve, reject).finally(callOff);
  });
}

async function delegated(
  earn: EarnOptions,
  identity: Identity,
  subtle: SubtleCrypto,
  nowMs: number,
): Promise<Delegated> {
  const { account, sign } = await signerOf(earn, subtle);
  const offer = {
    account,
    sessionKey: identity.sessionKey,
    publisher: ANY_PUBLISHER,
    expiryMs: nowMs + lifeMs,
    serial: nowMs,
  };
  const accountSignature = await sign(delegationOfferPreimage(offer), offer);
  const value = { ...offer, accountSignature };
  const signature = await identity.sign(delegationMessage.preimage(value));
  if (signature.length === 0) throw new Error("this browser lacks Ed25519");
  return { account: encodeBase64Url(account), delegation: delegationMessage.seal(value, signature) };
}

interface Signer {
  readonly account: Uint8Array;
  sign(preimage: Uint8Array, offer: Offer): Promise<Uint8Array>;
}

type Offer = Parameters<typeof delegationOfferPreimage>[0];

async function signerOf({ account, delegation }: EarnOptions, subtle: SubtleCrypto): Promise<Signer> {
  if (account === undefined || delegation === undefined) {
    const key = await openAccountKey(subtle);
    return { account: key.publicKey, sign: (preimage) => key.sign(preimage) };
  }
  return {
    account: decodeBase64Url(account) ?? new Uint8Array(0),
    async sign(preimage, { sessionKey, publisher, expiryMs, serial }) {
      const answer = await ask(delegation, {
        account,
        sessionKey: encodeBase64Url(sessionKey),
        publisher: encodeBase64Url(publisher),
        expiryMs,
        serial,
        bytes: encodeBase64Url(preimage),
      });
      const signature = decodeBase64Url(answer);
      if (signature?.length === SIGNATURE_BYTES) return signature;
      throw new Error("the answer of earn.delegation is no signature: 64 bytes in base64url");
    },
  };
}

/** A URL answers with the signature itself or with { "signature": "…" }. */
async function ask(source: DelegationSource, request: DelegationRequest): Promise<string> {
  if (typeof source === "function") return source(request);
  const response = await fetch(source, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });
  const text = (await response.text()).trim();
  if (!response.ok) throw new Error(`${source} answered ${response.status}`);
  return text.startsWith("{") ? String((JSON.parse(text) as { signature: unknown }).signature) : text;
}
