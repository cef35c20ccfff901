import { DELEGATION_LIFE_MS_MAX, delegationMessage, delegationOfferPreimage } from "@tributary/protocol";
import type { DelegationVerdict } from "../../core/index.ts";
import { isSoundPublicKey, verifyEd25519 } from "./ed25519.ts";

/** Whether an account and this session agreed that the one is credited for the other. */
export async function checkDelegation(
  bytes: Uint8Array,
  sessionKey: Uint8Array,
  nowMs: number,
): Promise<DelegationVerdict> {
  const parsed = delegationMessage.parse(bytes);
  if (!parsed.ok) return { ok: false, code: parsed.fault, reason: parsed.reason };
  const { value, preimage, signature } = parsed;
  if (Buffer.compare(value.sessionKey, sessionKey) !== 0)
    return { ok: false, code: "wrong-key", reason: "it is for another session key" };
  if (value.expiryMs <= nowMs) return { ok: false, code: "clock-behind", reason: "it has expired" };
  if (value.expiryMs > nowMs + DELEGATION_LIFE_MS_MAX)
    return { ok: false, code: "clock-ahead", reason: "it lasts longer than a day" };
  const isTrue =
    isSoundPublicKey(value.account) &&
    (await verifyEd25519(value.account, delegationOfferPreimage(value), value.accountSignature)) &&
    (await verifyEd25519(sessionKey, preimage, signature));
  return isTrue
    ? { ok: true, account: value.account, publisher: value.publisher, expiryMs: value.expiryMs }
    : { ok: false, code: "bad-signature", reason: "account or session did not sign it" };
}
