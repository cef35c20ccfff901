import { sessionKey } from "../codec/fields.ts";
import { fixed, u64 } from "../codec/layout.ts";
import { HASH_BYTES } from "../pieces.ts";
import { ACCOUNT_KEY_BYTES } from "./delegation.ts";
import { PUBLISHER_ID_BYTES, TRACKER_KEY_ID_BYTES } from "./grant.ts";
import { type SignedMessage, signedMessage } from "./signed.ts";

export const RESUME_TICKET_BYTES = 201;

export interface ResumeTicket {
  readonly trackerKeyId: Uint8Array;
  readonly sessionKey: Uint8Array;
  readonly publisher: Uint8Array;
  /** SHA-256 of the content id that was admitted. All zeros: every title of the publisher. */
  readonly contentHash: Uint8Array;
  /** Of the delegation that was shown. All zeros: none. */
  readonly account: Uint8Array;
  /** The tracker's clock, since 1970. */
  readonly issuedMs: number;
  readonly expiryMs: number;
}

/** From the tracker in WELCOME: the holder of this session key was admitted, so it needs no fresh token. */
export const resumeTicketMessage: SignedMessage<ResumeTicket> = signedMessage(
  "resume-ticket",
  5,
  RESUME_TICKET_BYTES,
  {
    trackerKeyId: fixed(TRACKER_KEY_ID_BYTES),
    sessionKey,
    publisher: fixed(PUBLISHER_ID_BYTES),
    contentHash: fixed(HASH_BYTES),
    account: fixed(ACCOUNT_KEY_BYTES),
    issuedMs: u64,
    expiryMs: u64,
  },
  ({ issuedMs, expiryMs }) => (expiryMs > issuedMs ? null : "expires before it begins"),
);
