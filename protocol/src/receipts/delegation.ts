import { sessionKey } from "../codec/fields.ts";
import { encodeWith, fixed, record, u64 } from "../codec/layout.ts";
import { domainSeparated } from "../preimages.ts";
import { PUBLISHER_ID_BYTES } from "./grant.ts";
import { SIGNATURE_BYTES, type SignedMessage, signedMessage } from "./signed.ts";

export const ACCOUNT_KEY_BYTES = 32;
export const DELEGATION_BYTES = 225;
/** A stolen session key earns for its thief no longer than this. */
export const DELEGATION_LIFE_MS_MAX = 24 * 60 * 60 * 1000;

export interface DelegationOffer {
  /** Ed25519 public key of the account that is credited. */
  readonly account: Uint8Array;
  readonly sessionKey: Uint8Array;
  /** All zeros: at any publisher. */
  readonly publisher: Uint8Array;
  /** Since 1970, at most DELEGATION_LIFE_MS_MAX ahead. */
  readonly expiryMs: number;
  /** Rises with every delegation of the account. */
  readonly serial: number;
}

export interface Delegation extends DelegationOffer {
  /** The account's, over `delegationOfferPreimage`. */
  readonly accountSignature: Uint8Array;
}

const offerFields = {
  account: fixed(ACCOUNT_KEY_BYTES),
  sessionKey,
  publisher: fixed(PUBLISHER_ID_BYTES),
  expiryMs: u64,
  serial: u64,
};

const offer = record(offerFields);

/** What the account signs: "tributary/delegation-offer/v1\0" ‖ the fields. @throws RangeError naming the field. */
export function delegationOfferPreimage(value: DelegationOffer): Uint8Array<ArrayBuffer> {
  return domainSeparated("delegation-offer", encodeWith(offer, value, "delegation", DELEGATION_BYTES));
}

/** Credits what a session earns to an account. Sealed by the session key, so that it cannot be forced on one. */
export const delegationMessage: SignedMessage<Delegation> = signedMessage("delegation", 4, DELEGATION_BYTES, {
  ...offerFields,
  accountSignature: fixed(SIGNATURE_BYTES),
});
