import { sign, type KeyPairKeyObjectResult } from "node:crypto";
import { delegationMessage, delegationOfferPreimage, PUBLISHER_ID_BYTES } from "@tributary/protocol";
import { rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import type { TrackerClient } from "./tracker-client.ts";

/** What an account signs so that it is credited for a minute for what a client serves, whoever the publisher is. */
export function delegationOf(
  client: TrackerClient,
  { publicKey, privateKey }: KeyPairKeyObjectResult,
): Uint8Array {
  const offer = {
    account: rawPublicKeyOf(publicKey),
    sessionKey: client.sessionKey,
    publisher: new Uint8Array(PUBLISHER_ID_BYTES),
    expiryMs: Date.now() + 60_000,
    serial: 1,
  };
  const accountSignature = new Uint8Array(sign(null, delegationOfferPreimage(offer), privateKey));
  const value = { ...offer, accountSignature };
  return delegationMessage.seal(value, client.sign(delegationMessage.preimage(value)));
}
