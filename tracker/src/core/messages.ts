import type { ClientMessage } from "@tributary/protocol";
import { receiveReport } from "./bans.ts";
import { receiveStatement } from "./accounting/statements.ts";
import { sessionStatements } from "./limits.ts";
import type { Admission, Session, SessionState } from "./model.ts";
import type { Output } from "./outputs.ts";
import { cut, refuse, refuseForRate } from "./refusals.ts";
import { askRoots, reportConflict } from "./roots.ts";
import { receiveHello } from "./sessions.ts";
import { relaySignal } from "./signals.ts";
import { count, type TrackerState } from "./state.ts";
import { takeTokens } from "./token-bucket.ts";
import { joinSwarm, leaveSwarm } from "./swarms.ts";

export function receiveMessage(
  state: TrackerState,
  session: Session,
  message: ClientMessage,
  nowMs: number,
  out: Output[],
): void {
  count(state.counters.messagesInByType, message.type);
  const before = session.state;
  switch (before.kind) {
    case "awaiting-hello":
      if (message.type === "hello") receiveHello(state, session, before.nonce, message, out);
      else refuse(state, session, "out-of-order", `${message.type} before hello`, nowMs, out);
      return;
    case "checking-hello":
      refuse(state, session, "out-of-order", `${message.type} before welcome`, nowMs, out);
      return;
    case "admitted":
    case "joined":
      receiveAdmitted(state, session, before, message, nowMs, out);
  }
}

function receiveAdmitted(
  state: TrackerState,
  session: Session,
  before: Extract<SessionState, { kind: "admitted" | "joined" }>,
  message: ClientMessage,
  nowMs: number,
  out: Output[],
): void {
  switch (message.type) {
    case "hello":
      refuse(state, session, "out-of-order", "a second hello", nowMs, out);
      return;
    case "ping":
      out.push({ type: "send", session: session.id, message: { type: "pong", nonce: message.nonce } });
      return;
    case "join":
      if (message.contentId === "") {
        refuse(state, session, "bad-message", "join: contentId: empty", nowMs, out);
      } else if (!admitsTitle(state, before.identity.admission, message.contentId)) {
        const text = "the token is for another title; connect again with one for this title";
        cut(state, session, "wrong-content", text, out);
      } else {
        joinSwarm(state, session, before, message, nowMs, out);
      }
      return;
    case "statement":
      if (takeTokens(session.statements, sessionStatements, 1, nowMs))
        receiveStatement(state, { kind: "session", session }, message.bytes, nowMs, out);
      else refuseForRate(state, session, "too many statements", nowMs, out);
      return;
    case "qos":
      // Counted, not kept: the dashboard does not exist yet.
      return;
    case "leave":
    case "signal":
    case "hashes":
    case "root-conflict":
    case "report":
      break;
  }
  if (before.kind !== "joined") {
    refuse(state, session, "unknown-swarm", `${message.type} before join`, nowMs, out);
    return;
  }
  switch (message.type) {
    case "leave":
      leaveSwarm(state, session, before);
      return;
    case "signal":
      relaySignal(state, session, before, message, nowMs, out);
      return;
    case "report":
      receiveReport(state, session, before.membership, message.peer, nowMs, out);
      return;
    case "hashes":
      askRoots(state, session, before.membership, message, nowMs, out);
      return;
    case "root-conflict":
      reportConflict(state, session, before.membership, message, nowMs, out);
  }
}

function admitsTitle({ config }: TrackerState, admission: Admission | null, contentId: string): boolean {
  if (admission === null || admission.contentHash === null) return true;
  const { contentHash } = admission;
  return config.contentHashOf(contentId).every((byte, index) => byte === contentHash[index]);
}
