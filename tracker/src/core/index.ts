import { MAX_TRACKER_MESSAGE_BYTES } from "@tributary/protocol";
import { audienceOf, type Watching } from "./accounting/audience.ts";
import { sweepCredits } from "./accounting/credit.ts";
import { finishGrants, sweepGrants } from "./accounting/grants.ts";
import { finishCheck, finishStore, receiveStatement, refuseStatement } from "./accounting/statements.ts";
import type { Input } from "./inputs.ts";
import { keepApart } from "./apart.ts";
import { sweepIntervalMs } from "./limits.ts";
import { receiveMessage } from "./messages.ts";
import type { TrackerConfig } from "./model.ts";
import type { Output } from "./outputs.ts";
import { forgetSession } from "./forget.ts";
import { cut, refuseGarbage } from "./refusals.ts";
import { finishVerification } from "./roots.ts";
import {
  excessOfPost,
  finishHello,
  openSession,
  refuseVersion,
  sweepSessions,
  withinRate,
} from "./sessions.ts";
import { createState, type TrackerState } from "./state.ts";
import { statsOf, type CoreStats } from "./stats.ts";
import { tellGrownSwarms } from "./swarms.ts";

export type { Watching } from "./accounting/audience.ts";
export type { AccountingConfig } from "./accounting/config.ts";
export type { PostId, StatementRecord } from "./accounting/model.ts";
export type { DelegationVerdict, HelloVerdict, Input, StatementCheck, VerifyResult } from "./inputs.ts";
export type { Admission, SessionId, SwarmKey, TrackerConfig, VerifierSource } from "./model.ts";
export type { Output } from "./outputs.ts";
export type { CoreStats, SwarmStats } from "./stats.ts";

export interface TrackerCore {
  /** Takes one input in and pushes what is to be done. `nowMs` is Unix time that never goes back. */
  handle(input: Input, nowMs: number, out: Output[]): void;
  /** When the next `tick` is due, null while nothing waits for one. */
  nextDeadlineMs(): number | null;
  /** Who watches now. */
  audience(): Watching[];
  stats(): CoreStats;
}

export function createTrackerCore(config: TrackerConfig): TrackerCore {
  const state = createState(config);
  // Grants of short epochs are renewed in time.
  const sweepMs = Math.min(sweepIntervalMs, (config.accounting?.epochMs ?? Infinity) / 8);
  return {
    handle(input, nowMs, out) {
      if (nowMs - state.sweptAtMs >= sweepMs) {
        state.sweptAtMs = nowMs;
        sweepSessions(state, nowMs, out);
        sweepCredits(state, nowMs, out);
        sweepGrants(state, nowMs, out);
        tellGrownSwarms(state, out);
      }
      handle(state, input, nowMs, out);
    },
    nextDeadlineMs: () => (state.sessions.size === 0 ? null : state.sweptAtMs + sweepMs),
    audience: () => audienceOf(state),
    stats: () => statsOf(state),
  };
}

function handle(state: TrackerState, input: Input, nowMs: number, out: Output[]): void {
  switch (input.type) {
    case "opened":
      openSession(state, input.session, input.address, input.nonce, nowMs, out);
      return;
    case "segment-verified":
      finishVerification(state, input, nowMs, out);
      return;
    case "grants-signed":
      finishGrants(state, input.number, input.sealed, out);
      return;
    case "statement-posted": {
      const source = { kind: "post", request: input.request } as const;
      const excess = excessOfPost(state, input.address, input.bytes.length, nowMs);
      if (excess === null) receiveStatement(state, source, input.bytes, nowMs, out);
      else refuseStatement(state, source, { code: "rate-limited", reason: excess }, nowMs, out);
      return;
    }
    case "statement-checked":
      finishCheck(state, input.check, nowMs, out);
      return;
    case "statement-stored":
      finishStore(state, input.number, input.stored, nowMs, out);
      return;
    case "pairs-apart":
      keepApart(state, input.pairs);
      return;
    case "shutdown":
      state.shuttingDown = true;
      for (const session of state.sessions.values())
        cut(state, session, "shutting-down", "the tracker is shutting down", out);
      return;
    case "tick":
      return;
    default:
      handleOfSession(state, input, nowMs, out);
  }
}

function handleOfSession(
  state: TrackerState,
  input: Extract<Input, { session: number }>,
  nowMs: number,
  out: Output[],
): void {
  const session = state.sessions.get(input.session);
  // A session that was cut may still have input on its way.
  if (session === undefined) return;
  switch (input.type) {
    case "message":
      if (withinRate(state, session, input.sizeBytes, nowMs, out))
        receiveMessage(state, session, input.message, nowMs, out);
      return;
    case "garbage":
      if (withinRate(state, session, input.sizeBytes, nowMs, out))
        refuseGarbage(state, session, input.reason, nowMs, out);
      return;
    case "foreign-hello":
      if (!withinRate(state, session, input.sizeBytes, nowMs, out)) return;
      if (session.state.kind === "awaiting-hello") refuseVersion(state, session, input.version, out);
      else refuseGarbage(state, session, `hello: version ${input.version} after the first one`, nowMs, out);
      return;
    case "oversized": {
      const text = `a message of ${input.sizeBytes} bytes; ${MAX_TRACKER_MESSAGE_BYTES} is the limit`;
      cut(state, session, "too-large", text, out);
      return;
    }
    case "hello-checked":
      if (session.state.kind === "checking-hello")
        finishHello(state, session, session.state.sessionKey, input.verdict, nowMs, out);
      return;
    case "closed":
      forgetSession(state, session);
  }
}
