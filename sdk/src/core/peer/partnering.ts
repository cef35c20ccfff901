import { announceIntervalMs, linkDelayMaxMs } from "../limits.ts";
import { p2pActive, type Session, type State, type Step } from "../state.ts";

/** Connects to peers the tracker named, and asks for more when they run out. */
export function keepPartners(state: State, step: Step): void {
  if (!p2pActive(state)) return;
  const { roster, config, session } = state;
  if (!session.linking) {
    if (!session.frameShown && step.nowMs < linkingAtMs(session)) return;
    session.linking = true;
    step.out.push({ type: "admit-peers" });
  }
  let lacking = config.partnersTarget - roster.partners().length - roster.connectingCount();
  for (const peer of roster.untried()) {
    if (lacking <= 0) return;
    roster.connecting(peer);
    step.out.push({ type: "connect-peer", peer });
    lacking -= 1;
  }
  if (lacking <= 0 || !isAnnounceUseful(state) || step.nowMs < session.announcedAtMs + announceIntervalMs)
    return;
  session.announcedAtMs = step.nowMs;
  step.out.push({ type: "announce", wantedPeers: lacking });
}

/** When the next announce is due, Infinity for never. */
export function partnersDeadline(state: State): number {
  const { roster, config, session } = state;
  if (!p2pActive(state)) return Infinity;
  if (!session.linking) return linkingAtMs(session);
  const lacking = config.partnersTarget - roster.partners().length - roster.connectingCount();
  if (lacking <= 0 || !isAnnounceUseful(state)) return Infinity;
  return session.announcedAtMs + announceIntervalMs;
}

function linkingAtMs({ startedAtMs }: Session): number {
  return (startedAtMs ?? Infinity) + linkDelayMaxMs;
}

/** More viewers exist than are linked. */
function isAnnounceUseful({ session, roster }: State): boolean {
  return (
    session.tracker === "ready" &&
    session.viewerCount - 1 > roster.partners().length + roster.connectingCount()
  );
}
