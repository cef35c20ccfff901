import { MAX_BITFIELD_SEGMENTS, segmentIdOf } from "@tributary/protocol";
import type { Position, SegmentId, SegmentKey } from "@tributary/protocol";
import { servableEnd, type Holding } from "../store/inventory.ts";
import { send, type State, type Step } from "../state.ts";
import type { Partner } from "./roster.ts";

/** Peers may be given this segment: whole, true, and with a list to prove it. */
export function isOffered(holding: Holding): boolean {
  return holding.complete && holding.list !== "none" && !holding.quarantined;
}

export function ownPosition(state: State): Position {
  const main = state.tracks.next("main");
  const audio = state.tracks.next("audio");
  return {
    track: main?.track ?? 0,
    audioTrack: audio?.track ?? 0,
    wanted: main?.sequence ?? 0,
    audioWanted: audio?.sequence ?? 0,
    positionMs: Math.max(0, Math.round(state.playback.positionMs)),
  };
}

/** A new neighbour learns everything that is held and under way here. */
export function greet(state: State, step: Step, partner: Partner): void {
  const offered = [...state.inventory.all()].filter(isOffered).sort((a, b) => b.lastUsedMs - a.lastUsedMs);
  const segments: SegmentId[] = offered.slice(0, MAX_BITFIELD_SEGMENTS).map(({ info }) => info.id);
  send(step, partner.peer, { type: "bitfield", position: ownPosition(state), segments });
  for (const job of state.jobs.all()) {
    const holding = state.inventory.get(job.key);
    if (holding !== undefined && (job.fetch !== null || servableEnd(holding, 0) > 0)) {
      sendProgress(step, partner, holding);
    }
  }
}

/** Tells all neighbours what was gained or lost, and where the player is. */
export function announceHave(
  state: State,
  step: Step,
  added: readonly SegmentKey[],
  removed: readonly SegmentKey[],
): void {
  const ids = (keys: readonly SegmentKey[]) => keys.map(segmentIdOf).filter((id) => id !== null);
  const position = ownPosition(state);
  for (const { peer } of state.roster.partners()) {
    send(step, peer, { type: "have", position, added: ids(added), removed: ids(removed) });
  }
}

/** Tells neighbours that lack a segment how much of it can be had here; nothing yet is a claim. */
export function announceProgress(state: State, step: Step, holding: Holding): void {
  for (const partner of state.roster.partners()) {
    if (!partner.held.has(holding.key)) sendProgress(step, partner, holding);
  }
}

function sendProgress(step: Step, partner: Partner, holding: Holding): void {
  send(step, partner.peer, {
    type: "progress",
    segment: holding.info.id,
    sizeBytes: holding.sizeBytes ?? 0,
    availableBytes: servableEnd(holding, 0),
  });
}
