import { type BrokenRule, encodeHex } from "@tributary/protocol";
import type { DelegationVerdict } from "../inputs.ts";
import { sessionStatements } from "../limits.ts";
import type { Admission, Identity, Session } from "../model.ts";
import type { Output } from "../outputs.ts";
import { hangUp, refuse } from "../refusals.ts";
import type { TrackerState } from "../state.ts";
import { fullBucket } from "../token-bucket.ts";
import type { Claimant } from "./model.ts";

export function claimantOf(state: TrackerState, sessionKey: Uint8Array, nowMs: number): Claimant {
  const key = encodeHex(sessionKey);
  let found = state.accounting.claimants.get(key);
  if (found === undefined) {
    const posts = fullBucket(sessionStatements, nowMs);
    found = { seq: 0, taken: new Set(), posts, credit: null, seenAtMs: nowMs };
    state.accounting.claimants.set(key, found);
  }
  found.seenAtMs = nowMs;
  return found;
}

/** Whom a claimant earns for now; null: nobody. */
export function accountOf({ credit }: Claimant, nowMs: number): Uint8Array | null {
  return credit !== null && nowMs < credit.expiryMs ? credit.account : null;
}

/**
 * From now on what this session earns is its account's. Whoever shows a delegation that does not hold takes part all the
 * same, and hears why it earns nothing.
 */
export function credit(
  state: TrackerState,
  session: Session,
  { sessionKey, admission }: Identity,
  delegation: DelegationVerdict,
  nowMs: number,
  out: Output[],
): void {
  const wrong = delegation.ok ? scopeFault(delegation.publisher, admission) : delegation;
  if (state.config.accounting !== null)
    claimantOf(state, sessionKey, nowMs).credit = delegation.ok && wrong === null ? delegation : null;
  if (wrong !== null) refuse(state, session, wrong.code, `delegation: ${wrong.reason}`, nowMs, out);
}

/** A delegation names its publisher, or all zeros for any. */
function scopeFault(publisher: Uint8Array, admission: Admission | null): BrokenRule | null {
  const own = admission?.publisherId;
  const isForAny = publisher.every((byte) => byte === 0);
  const fits = isForAny || publisher.every((byte, index) => byte === own?.[index]);
  return fits ? null : { code: "not-admitted", reason: "it is for another publisher" };
}

/** HELLO alone carries a delegation: whose one has run out comes back, and shows the next one. */
export function sweepCredits(state: TrackerState, nowMs: number, out: Output[]): void {
  for (const session of state.sessions.values()) {
    if (!("identity" in session.state)) continue;
    const claimant = state.accounting.claimants.get(encodeHex(session.state.identity.sessionKey));
    if (claimant?.credit == null || nowMs < claimant.credit.expiryMs) continue;
    claimant.credit = null;
    hangUp(state, session, "its delegation has run out; come back with another", out);
  }
}
