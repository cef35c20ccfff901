import {
  includesSet,
  MAX_BITFIELD_SEGMENTS,
  PIECE_BYTES,
  segmentIdOf,
  uplinkClassOf,
} from "@tributary/protocol";
import type { PeerMessageOf, Position, SegmentId, SegmentKey } from "@tributary/protocol";
import { progressIntervalMaxMs, progressIntervalMinMs } from "../limits.ts";
import { isContender } from "../schedule/sources.ts";
import { servablePieces, type Holding } from "../store/inventory.ts";
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
    uplinkClass: ownUplinkClass(state),
  };
}

/** What this viewer can give, as neighbours are told. */
export function ownUplinkClass({ session, uplink, uploads }: State): number {
  if (!session.uploadAllowed) return 0;
  return uplinkClassOf(Math.min(uplink.rateBps(), uploads.capBps()));
}

/** A new neighbour learns everything that is held and under way here. */
export function greet(state: State, step: Step, partner: Partner): void {
  const offered = [...state.inventory.all()].filter(isOffered).sort((a, b) => b.lastUsedMs - a.lastUsedMs);
  const segments: SegmentId[] = offered.slice(0, MAX_BITFIELD_SEGMENTS).map(({ info }) => info.id);
  send(step, partner.peer, { type: "bitfield", position: ownPosition(state), segments });
  for (const job of state.jobs.all()) {
    const holding = state.inventory.get(job.key);
    if (holding === undefined) continue;
    const { set, count } = servablePieces(holding);
    if (job.fetch !== null || count > 0) send(step, partner.peer, progressOf(holding, set));
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
  const message = {
    type: "have",
    position: ownPosition(state),
    added: ids(added),
    removed: ids(removed),
  } as const;
  for (const { peer } of state.roster.partners()) send(step, peer, message);
}

/** Claims a segment: it comes from the CDN to this viewer. */
export function announceClaim(state: State, step: Step, holding: Holding): void {
  const { set, count } = servablePieces(holding);
  tellProgress(state, step, holding, set, count);
}

/**
 * Tells neighbours that are about to want a segment which of its pieces can be had here, piece by piece: each hop of
 * a relay waits for this. What a fast CDN brings all at once is told of once, and whose uplink takes long for a piece
 * need not speak of the next one before that is through.
 */
export function announceProgress(state: State, step: Step, holding: Holding): void {
  if (holding.toldPieces > 0 && step.nowMs < holding.toldAtMs + progressIntervalMs(state)) return;
  const { set, count } = servablePieces(holding);
  // The last piece is told of by HAVE.
  if (count > Math.max(0, holding.toldPieces) && count < holding.pieces.length) {
    tellProgress(state, step, holding, set, count);
  }
}

function progressIntervalMs({ uplink, uploads }: State): number {
  const pieceMs = (PIECE_BYTES * 8000) / Math.min(uplink.rateBps(), uploads.capBps());
  return Math.min(progressIntervalMaxMs, Math.max(progressIntervalMinMs, pieceMs));
}

function tellProgress(state: State, step: Step, holding: Holding, set: Uint8Array, count: number): void {
  holding.toldPieces = count;
  holding.toldAtMs = step.nowMs;
  const message = progressOf(holding, set);
  for (const partner of state.roster.partners()) {
    if (partner.held.has(holding.key) || !isContender(state, partner, holding.info.id)) continue;
    const known = partner.arriving.get(holding.key);
    if (count > 0 && known !== undefined && includesSet(known.pieces, set)) continue;
    send(step, partner.peer, message);
  }
}

function progressOf({ info }: Holding, pieces: Uint8Array): PeerMessageOf<"progress"> {
  return { type: "progress", segment: info.id, pieces };
}
