import type { TrackerState } from "../driver-contract.ts";

export interface Surroundings {
  /** Why the engine does nothing at all, null where it works. */
  readonly inactive: string | null;
  readonly trackerConfigured: boolean;
  readonly rtc: boolean;
  readonly titleKnown: boolean;
  readonly tracker: TrackerState;
  readonly trackerTrouble: string | null;
  readonly linkTrouble: string | null;
  readonly paused: boolean;
  readonly metered: boolean;
  readonly uploadEnabled: boolean;
  readonly onMetered: boolean;
}

/** In plain words why there is, or is not, any P2P; the most important reason first. */
export function explainSurroundings(now: Surroundings, core: readonly string[]): string[] {
  if (now.inactive !== null) return [now.inactive];
  if (!now.trackerConfigured) return ["No tracker is configured, so everything comes from the CDN."];
  if (!now.rtc) return ["This browser has no WebRTC (RTCPeerConnection), so everything comes from the CDN."];
  const reasons: string[] = [];
  if (!now.titleKnown) reasons.push("No stream is loaded yet.");
  else if (!now.paused && now.tracker === "connecting") reasons.push("The tracker is being contacted.");
  else if (!now.paused && now.tracker === "off") {
    reasons.push("The tracker is contacted when the player loads its next segment.");
  } else if (!now.paused && now.tracker === "lost") {
    reasons.push(`There is no session with the tracker (${now.trackerTrouble ?? "it cannot be reached"}).`);
  }
  if (now.linkTrouble !== null && !now.paused) reasons.push(now.linkTrouble);
  else reasons.push(...core);
  if (!now.uploadEnabled) reasons.push("Uploading is switched off by the page.");
  else if (now.metered && !now.onMetered) {
    reasons.push(
      "The browser says that this link is metered or data is being saved, so nothing is uploaded.",
    );
  }
  return reasons;
}
