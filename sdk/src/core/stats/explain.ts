import { isUploadOff } from "../peer/uploading.ts";
import type { State } from "../state.ts";

/** Plain sentences on why peers are, or are not, being used. Most important first. */
export function explain(state: State): string[] {
  const { session, roster, counters } = state;
  const reasons: string[] = [];
  if (session.paused) return ["Peer delivery is paused on this page."];
  if (!session.p2pAllowed) reasons.push("The tracker has switched peer delivery off.");
  if (session.breakerOpen) {
    reasons.push("Playback stalled once while waiting for a peer, so this session asks the CDN first.");
  }
  if (state.line.isSlow(state.playback.reportedAtMs))
    reasons.push("This viewer's line has become slow, so the CDN has it alone for a moment.");
  if (session.startedAtMs === null)
    reasons.push("Playback is starting: the first segment always comes from the CDN.");
  const partners = roster.partners();
  // The driver knows why there is no session with a tracker.
  if (partners.length === 0) reasons.push(...(session.tracker === "ready" ? [whyAlone(state)] : []));
  else if (counters.peerBytes === 0) reasons.push(whyNothingYet(state, partners.length));
  else {
    const ratio = counters.peerBytes / (counters.peerBytes + counters.cdnBytes);
    reasons.push(
      `${Math.round(ratio * 100)} % of the media came from ${plural(partners.length, "connected viewer")}.`,
    );
  }
  if (isUploadOff(state)) reasons.push("Nothing is uploaded from here.");
  return reasons;
}

function whyAlone({ session, roster }: State): string {
  if (session.viewerCount <= 1) return "Nobody else is watching this stream right now.";
  const failed = roster.failedCount();
  if (roster.connectingCount() > 0) return "Connecting to other viewers.";
  if (failed > 0) {
    return `${plural(failed, "connection")} to other viewers failed: a firewall or NAT is in the way, and no TURN server helped.`;
  }
  return "Other viewers are watching, and none is connected yet.";
}

function whyNothingYet(state: State, count: number): string {
  if (state.roots.disputed()) {
    return "The verifier's roots are of other bytes than the CDN serves here. Do two titles share one contentId?";
  }
  const wish = state.tracks.upcoming(1)[0];
  if (wish !== undefined && !state.roots.possible(wish, state.playback.reportedAtMs)) {
    return "Segments have no trusted root (neither in the playlist nor from a verifier), so only the CDN is used.";
  }
  return `Connected to ${plural(count, "viewer")}; none has had a segment that was needed yet.`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
