import { PIECE_BYTES } from "@tributary/protocol";
import {
  lateAllowanceMs,
  patienceFactor,
  patienceMinMs,
  pendingMinBytes,
  pendingMs,
  pipelineMaxMs,
  pipelineMs,
  pipelinePiecesMax,
  pipelinePiecesMin,
} from "../limits.ts";
import type { Partner } from "../peer/roster.ts";
import { requestPiece } from "../request/downloading.ts";
import { isAsked, type Job } from "../request/jobs.ts";
import type { State, Step } from "../state.ts";
import { lackOf, type Holding } from "../store/inventory.ts";
import { mix32 } from "./rank.ts";
import { hasToGive, mayBeAsked } from "./sources.ts";

/**
 * Asks partners for pieces, one request each and only a few under way with any of them: whoever is fast comes back
 * for more sooner, so the load follows the uplinks by itself. The most urgent segment goes first, in it the piece
 * that the fewest partners have, so that neighbours soon have different ones to give.
 */
export function assignPieces(state: State, step: Step): void {
  const all = [...state.jobs.all()];
  // What the player waits for has the line for itself while the CDN brings it.
  const isRescued = all.some(({ ahead, fetch }) => !ahead && fetch !== null);
  const jobs = all.filter(({ askable, ahead }) => askable && !(ahead && isRescued));
  if (jobs.length > 1) jobs.sort((a, b) => a.info.startMs - b.info.startMs);
  let roomBytes = pendingMaxBytes(state) - pendingBytes(state);
  for (const job of jobs) {
    if (roomBytes <= 0) return;
    roomBytes -= assignJob(state, step, job, roomBytes);
  }
}

/** @returns the bytes asked for */
function assignJob(state: State, step: Step, job: Job, roomBytes: number): number {
  const holding = state.inventory.get(job.key);
  if (holding === undefined || holding.sizeBytes === null) return 0;
  const able = state.roster.partners().filter((partner) => mayBeAsked(partner, job, step.nowMs));
  if (!able.some(hasRoom)) return 0;
  // With the CDN on its way already, a peer has until it gets there.
  const leftMs = Math.max(job.rescueAtMs - step.nowMs, lateAllowanceMs);
  const inTimeMs = Math.min(leftMs, patienceMs(holding, able));
  let askedBytes = 0;
  for (const piece of rarestFirst(state, job, holding, able)) {
    if (askedBytes >= roomBytes) break;
    const partner = soonest(able, job, piece, inTimeMs);
    if (partner === null) continue;
    requestPiece(state, step, job, holding, partner, piece);
    askedBytes += PIECE_BYTES;
  }
  return askedBytes;
}

/**
 * Free pieces that somebody has, those with the fewest holders first. Among equals each viewer goes through the
 * segment from a place of its own: neighbours get different pieces, and what is left in the end is in few runs.
 */
function rarestFirst(state: State, job: Job, holding: Holding, able: readonly Partner[]): number[] {
  const { pieces } = holding;
  const holders = new Map<number, number>();
  pieces.forEach((piece, index) => {
    if (piece.state !== "missing" || isAsked(job, index) || isFetched(job, index)) return;
    const count = able.reduce((sum, partner) => sum + Number(hasToGive(partner, job, index)), 0);
    if (count > 0) holders.set(index, count);
  });
  const start = mix32(state.session.ticket ^ job.info.id.sequence) % pieces.length;
  const turn = (piece: number) => (piece + pieces.length - start) % pieces.length;
  return [...holders.keys()].sort((a, b) => holders.get(a)! - holders.get(b)! || turn(a) - turn(b));
}

/** What the CDN is bringing already. */
function isFetched({ fetch }: Job, piece: number): boolean {
  if (fetch === null) return false;
  const firstBytes = piece * PIECE_BYTES;
  return firstBytes + PIECE_BYTES > fetch.offsetBytes && firstBytes < (fetch.endBytes ?? Infinity);
}

/**
 * A piece that a slow partner would bring after all partners together could be through with the segment is left for
 * the faster ones: else it would be the last to come.
 */
function patienceMs(holding: Holding, able: readonly Partner[]): number {
  const rateBps = able.reduce((sum, { goodput }) => sum + goodput.rateBps(), 0);
  return Math.max(patienceMinMs, (patienceFactor * (lackOf(holding).bytes ?? 0) * 8000) / rateBps);
}

/** When a partner would be through with all it owes and one piece more. */
function expectedMs({ pendingBytes: owed, goodput }: Partner): number {
  return ((owed + PIECE_BYTES) * 8000) / goodput.rateBps();
}

/** Who has the piece and room for another request, and will be through with all it owes first, and in time. */
function soonest(able: readonly Partner[], job: Job, piece: number, inTimeMs: number): Partner | null {
  let best: Partner | null = null;
  let bestMs = inTimeMs;
  for (const partner of able) {
    if (!hasRoom(partner) || !hasToGive(partner, job, piece)) continue;
    const ms = expectedMs(partner);
    if (ms >= bestMs) continue;
    best = partner;
    bestMs = ms;
  }
  return best;
}

/**
 * Enough under way that the partner never waits for the next request, and no more: a piece that queues at a slow
 * partner is one that no fast one can bring meanwhile.
 */
function hasRoom({ pendingCount, goodput }: Partner): boolean {
  const rateBps = goodput.rateBps();
  const deep = Math.ceil((rateBps * pipelineMs) / (8000 * PIECE_BYTES));
  const shallow = Math.ceil((rateBps * pipelineMaxMs) / (8000 * PIECE_BYTES));
  return pendingCount < Math.min(shallow, pipelinePiecesMax, Math.max(pipelinePiecesMin, deep));
}

/** All requests together stay within what the downlink brings in a moment: more would slow a rescue by the CDN. */
function pendingMaxBytes(state: State): number {
  let bestBps = state.cdn.rateBps() ?? 0;
  for (const { goodput } of state.roster.partners()) bestBps = Math.max(bestBps, goodput.rateBps());
  return Math.max(pendingMinBytes, (bestBps * pendingMs) / 8000);
}

function pendingBytes(state: State): number {
  return state.roster.partners().reduce((sum, partner) => sum + partner.pendingBytes, 0);
}
