import { createHash } from "node:crypto";
import {
  resumeTicketMessage as layout,
  TRACKER_KEY_ID_BYTES,
  type ErrorCode,
  type ResumeTicket,
} from "@tributary/protocol";
import { verifyEd25519 } from "./ed25519.ts";
import type { TrackerKey } from "./tracker-key.ts";

/** Longer than a match or a film; whoever watches on shows a fresh token then. */
export const resumeTicketLifetimeMs = 6 * 60 * 60 * 1000;

const EVERYTHING = new Uint8Array(32);

export interface TicketHolder {
  readonly sessionKey: Uint8Array;
  /** 16 bytes. */
  readonly publisherId: Uint8Array;
  /** SHA-256 of a content id; null: every title of the publisher. */
  readonly contentHash: Uint8Array | null;
}

export type TicketVerdict =
  | { readonly ok: true; readonly holder: TicketHolder }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

/** Tickets that let an admitted session key come back without a fresh token, to any tracker with this key. */
export interface ResumeTickets {
  issue(holder: TicketHolder, nowMs: number): Uint8Array;
  /** @param sessionKey of a client that proved to hold its private half */
  check(ticket: Uint8Array, sessionKey: Uint8Array, nowMs: number): Promise<TicketVerdict>;
}

const equal = (one: Uint8Array, other: Uint8Array) => Buffer.from(one).equals(other);
const refused = (code: ErrorCode, reason: string): TicketVerdict => ({ ok: false, code, reason });

export function createResumeTickets(key: TrackerKey): ResumeTickets {
  const digest = createHash("sha256").update(key.trackerId).digest();
  const trackerKeyId = new Uint8Array(digest.subarray(0, TRACKER_KEY_ID_BYTES));
  return {
    issue({ sessionKey, publisherId, contentHash }, nowMs) {
      const ticket: ResumeTicket = {
        trackerKeyId,
        sessionKey,
        publisher: publisherId,
        contentHash: contentHash ?? EVERYTHING,
        account: new Uint8Array(32),
        issuedMs: Math.floor(nowMs),
        expiryMs: Math.floor(nowMs) + resumeTicketLifetimeMs,
      };
      return layout.seal(ticket, key.sign(layout.preimage(ticket)));
    },
    async check(bytes, sessionKey, nowMs) {
      const parsed = layout.parse(bytes);
      if (!parsed.ok) return refused(parsed.fault, parsed.reason);
      const { value: ticket, preimage, signature } = parsed;
      if (!equal(ticket.trackerKeyId, trackerKeyId))
        return refused("token-invalid", "the resume ticket is of another tracker");
      if (!(await verifyEd25519(key.trackerId, preimage, signature)))
        return refused("bad-signature", "the resume ticket is not signed by this tracker");
      if (!equal(ticket.sessionKey, sessionKey))
        return refused("wrong-key", "the resume ticket belongs to another session key");
      if (nowMs >= ticket.expiryMs) return refused("token-expired", "the resume ticket has expired");
      const { publisher: publisherId, contentHash } = ticket;
      const holder = {
        sessionKey,
        publisherId,
        contentHash: equal(contentHash, EVERYTHING) ? null : contentHash,
      };
      return { ok: true, holder };
    },
  };
}
