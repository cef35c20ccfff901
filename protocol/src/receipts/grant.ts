import { sessionKey } from "../codec/fields.ts";
import { choice, fixed, u32, u64, type ValueOf } from "../codec/layout.ts";
import { SWARM_ID_BYTES } from "../ids.ts";
import { type SignedMessage, signedMessage } from "./signed.ts";

/** The first bytes of SHA-256 of a tracker's public key. */
export const TRACKER_KEY_ID_BYTES = 8;
export const GRANT_ID_BYTES = 16;
/** Opaque here; all zeros for an open tracker without publishers. */
export const PUBLISHER_ID_BYTES = 16;
export const GRANT_BYTES = 230;
/** Where a sealed grant says when it begins. Big-endian: the bytes are in the order of the times. */
export const GRANT_BEGINS = { at: 141, bytes: 8 };

/** Unpaid (0): the same public prefix, relayed, or not admitted. Transfers count, nothing is paid for them. */
const payClass = choice("unpaid", "paid");

export type PayClass = ValueOf<typeof payClass>;

export interface Grant {
  readonly trackerKeyId: Uint8Array;
  readonly grantId: Uint8Array;
  readonly epoch: number;
  readonly publisher: Uint8Array;
  readonly swarm: Uint8Array;
  readonly uploaderKey: Uint8Array;
  readonly downloaderKey: Uint8Array;
  /** The tracker's clock, since 1970. */
  readonly notBeforeMs: number;
  readonly expiryMs: number;
  readonly maxBytes: number;
  readonly payClass: PayClass;
}

/** From the tracker to both: what the downloader gets from the uploader may be receipted. */
export const grantMessage: SignedMessage<Grant> = signedMessage(
  "grant",
  1,
  GRANT_BYTES,
  {
    trackerKeyId: fixed(TRACKER_KEY_ID_BYTES),
    grantId: fixed(GRANT_ID_BYTES),
    epoch: u32,
    publisher: fixed(PUBLISHER_ID_BYTES),
    swarm: fixed(SWARM_ID_BYTES),
    uploaderKey: sessionKey,
    downloaderKey: sessionKey,
    notBeforeMs: u64,
    expiryMs: u64,
    maxBytes: u64,
    payClass,
  },
  ({ notBeforeMs, expiryMs }) => (expiryMs > notBeforeMs ? null : "expires before it begins"),
);
