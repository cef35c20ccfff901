import { peerKeyOf, type PeerId } from "@tributary/protocol";
import { accusersMin, accuserShareMin, banMs, reportsMax } from "./limits.ts";
import type { Membership, Session } from "./model.ts";
import type { Output } from "./outputs.ts";
import { cut, refuse } from "./refusals.ts";
import type { TrackerState } from "./state.ts";

/**
 * A viewer says that a peer lied. Bytes on a data channel prove nothing to others, so that one word bans nobody: it
 * takes viewers of several networks, and a share of those whom the accused was introduced to. A few who would be rid
 * of an honest neighbour do not reach it, whoever lies to all of its partners does.
 */
export function receiveReport(
  state: TrackerState,
  session: Session,
  { introduced }: Membership,
  peer: PeerId,
  nowMs: number,
  out: Output[],
): void {
  const key = peerKeyOf(peer);
  const accused = state.byPeer.get(key);
  if (accused === undefined || !introduced.has(accused)) {
    refuse(state, session, "not-introduced", `report of ${key}: not introduced, or gone`, nowMs, out);
    return;
  }
  if (session.reportCount >= reportsMax) {
    refuse(state, session, "rate-limited", `more than ${reportsMax} reports`, nowMs, out);
    return;
  }
  session.reportCount++;
  state.counters.reports++;
  accused.accusers.add(session.network ?? `session ${session.id}`);
  if (accused.state.kind !== "joined") return;
  const met = accused.state.membership.introduced;
  const needed = Math.max(accusersMin, Math.ceil(met.size * accuserShareMin));
  if (accused.accusers.size < needed) return;
  state.counters.bans++;
  state.bannedUntilMs.set(key, nowMs + banMs);
  for (const other of met)
    out.push({ type: "send", session: other.id, message: { type: "banned", peers: [peer] } });
  cut(state, accused, "banned", `${needed} viewers reported false bytes from here`, out);
}

/** Whether this key has to stay away still. */
export function isBanned({ bannedUntilMs }: TrackerState, key: string, nowMs: number): boolean {
  return nowMs < (bannedUntilMs.get(key) ?? 0);
}

export function sweepBans({ bannedUntilMs }: TrackerState, nowMs: number): void {
  for (const [key, untilMs] of bannedUntilMs) if (untilMs <= nowMs) bannedUntilMs.delete(key);
}
