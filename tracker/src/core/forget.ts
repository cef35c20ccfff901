import type { Session } from "./model.ts";
import type { TrackerState } from "./state.ts";
import { leaveSwarm } from "./swarms.ts";

/** Removes every trace of a session; harmless when repeated. */
export function forgetSession(state: TrackerState, session: Session): void {
  if (!state.sessions.delete(session.id)) return;
  if (session.state.kind === "joined") leaveSwarm(state, session, session.state);
  if ("identity" in session.state) {
    const { key } = session.state.identity;
    if (state.byPeer.get(key) === session) state.byPeer.delete(key);
  }
  const of = state.addresses.get(session.address);
  if (of !== undefined) of.sessionCount--;
}
