import { MAX_ERROR_MESSAGE_BYTES, truncateUtf8, type ErrorCode } from "@tributary/protocol";
import { forgetSession } from "./forget.ts";
import { badMessagesMax, rateRefusalIntervalMs, sessionRefusals } from "./limits.ts";
import type { Session } from "./model.ts";
import type { Output } from "./outputs.ts";

import { count, type TrackerState } from "./state.ts";
import { takeTokens } from "./token-bucket.ts";

function sendError(session: Session, code: ErrorCode, text: string, fatal: boolean, out: Output[]): void {
  const message = truncateUtf8(text, MAX_ERROR_MESSAGE_BYTES);
  out.push({ type: "send", session: session.id, message: { type: "error", code, message, fatal } });
}

/** Says why and ends the session. */
export function cut(
  state: TrackerState,
  session: Session,
  code: ErrorCode,
  text: string,
  out: Output[],
): void {
  count(state.counters.refusals, code);
  sendError(session, code, text, true, out);
  out.push({ type: "close", session: session.id, reason: code });
  forgetSession(state, session);
}

/**
 * Ends a session that nobody seems to be at the other end of. No ERROR: a laptop that wakes up shall come back, and
 * not take this for a refusal.
 */
export function hangUp(state: TrackerState, session: Session, reason: string, out: Output[]): void {
  state.counters.timeouts++;
  out.push({ type: "close", session: session.id, reason });
  forgetSession(state, session);
}

/** Says why a message is not done; the session goes on, unless it collects too many of these. */
export function refuse(
  state: TrackerState,
  session: Session,
  code: ErrorCode,
  text: string,
  nowMs: number,
  out: Output[],
): void {
  if (!takeTokens(session.refusals, sessionRefusals, 1, nowMs)) {
    cut(state, session, "rate-limited", `too many refused messages; the last one: ${text}`, out);
    return;
  }
  count(state.counters.refusals, code);
  sendError(session, code, text, false, out);
}

/** Like `refuse`, but told once a second at most: a flood must not be answered by a flood. */
export function refuseForRate(
  state: TrackerState,
  session: Session,
  text: string,
  nowMs: number,
  out: Output[],
): void {
  if (!takeTokens(session.refusals, sessionRefusals, 1, nowMs)) {
    cut(state, session, "rate-limited", `${text}, and it goes on`, out);
    return;
  }
  count(state.counters.refusals, "rate-limited");
  if (nowMs - session.rateToldAtMs < rateRefusalIntervalMs) return;
  session.rateToldAtMs = nowMs;
  sendError(session, "rate-limited", `${text}; the message was dropped`, false, out);
}

export function refuseGarbage(
  state: TrackerState,
  session: Session,
  reason: string,
  nowMs: number,
  out: Output[],
): void {
  session.badMessageCount++;
  if (session.badMessageCount >= badMessagesMax) {
    const text = `${badMessagesMax} messages that do not decode, the last one: ${reason}`;
    cut(state, session, "bad-message", text, out);
  } else {
    refuse(state, session, "bad-message", reason, nowMs, out);
  }
}
