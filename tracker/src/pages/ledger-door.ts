import { checkLedgerToken } from "../adapters/admission/token-check.ts";
import { audienceOf } from "../admission.ts";
import { OPEN_PUBLISHER } from "../core/accounting/grants.ts";
import type { PublisherRegistry } from "../core/publishers.ts";
import type { LedgerDoor } from "./ledger-pages.ts";

/** A publisher shows a token of its own; an open tracker's one account is open too. */
export function createLedgerDoor(
  open: boolean,
  trackerId: Uint8Array,
  publishers: PublisherRegistry,
): LedgerDoor {
  return async (authorization) => {
    const token = authorization.replace(/^Bearer /, "");
    if (token === "")
      return open
        ? { id: OPEN_PUBLISHER, name: "" }
        : "send Authorization: Bearer and a token of npm run publisher -- ledger-token";
    const verdict = await checkLedgerToken(token, audienceOf(trackerId), publishers, Date.now());
    return verdict.ok ? verdict.publisher : verdict.reason;
  };
}
