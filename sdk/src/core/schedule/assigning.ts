import { hasPiece, PIECE_BYTES, type SegmentKey } from "@tributary/protocol";
import {
  lateAllowanceMs,
  patienceFactor,
  patienceMinMs,
  pendingMinBytes,
  pendingMs,
  pendingSlowMs,
  pipelineMaxMs,
  pipelineMs,
  pipelinePiecesMax,
  pipelinePiecesMin,
  raceFactor,
} from "../limits.ts";
import type { Partner } from "../peer/roster.ts";
import { requestPiece } from "../request/downloading.ts";
import type { Job } from "../request/jobs.ts";
import { isFetched, owedMs, reachedInMs } from "../request/reach.ts";
import type { State, Step } from "../state.ts";
import { lackOf, type Holding, type Piece } from "../store/inventory.ts";
import { mix32 } from "./rank.ts";
import { isSource, mayBeAsked } from "./sources.ts";

/** A partner that may be asked for pieces of one segment, and what it has of it. */
interface Giver {
  readonly partner: Partner;
  /** Null for all pieces. */
  readonly pieces: Uint8Array | null;
  /** How many more requests it may be given now. */
  roomCount: number;
  /** When it would be through with one piece more, Infinity where it has no room for it. */
  soonMs: number;
}

/**
 * Asks partners for pieces, one request each and only a few under way with any of them: whoever is fast comes back
 * for more sooner, so the load follows the uplinks by itself. The most urgent segment goes first, in it the piece
 * that the fewest partners have, so that neighbours soon have different ones to give.
 */
export function assignPieces(state: State, step: Step): void {
  if (!state.roster.partners().some((partner) => roomOf(partner) > 0)) return;
  const mostBytes = pendingMaxBytes(state);
  let roomBytes = mostBytes - pendingBytes(state, mostBytes);
  if (roomBytes <= 0) return;
  for (const job of mostUrgentFirst(state)) {
    roomBytes -= assignJob(state, step, job, roomBytes);
    if (roomBytes <= 0) return;
  }
}

/**
 * Whether something that a partner has now can be asked of it at once; `pieces` is null for the whole segment. Most
 * messages about what neighbours have open nothing, and these come by the hundred for each segment.
 */
export function opensRequest(
  state: State,
  { nowMs }: Step,
  partner: Partner,
  key: SegmentKey,
  pieces: Uint8Array | null,
): boolean {
  const job = state.jobs.get(key);
  if (job === undefined || !job.askable || roomOf(partner) === 0 || !mayBeAsked(partner, job, nowMs))
    return false;
  const held = state.inventory.get(key)?.pieces ?? [];
  for (let index = 0; index < held.length; index++)
    if ((pieces === null || hasPiece(pieces, index)) && isFree(job, held, index)) return true;
  return false;
}

/** Nobody has brought this piece, and no partner was asked for it. */
function isFree({ askedPieces }: Job, pieces: readonly Piece[], index: number): boolean {
  return pieces[index]!.state === "missing" && !askedPieces.has(index);
}

/** Jobs that peers may be asked for now. */
function mostUrgentFirst(state: State): Job[] {
  const jobs: Job[] = [];
  // What the player waits for has the line for itself while the CDN brings it.
  let isRescued = false;
  for (const job of state.jobs.all()) {
    if (!job.ahead && job.fetch !== null) isRescued = true;
    if (job.askable) jobs.push(job);
  }
  const askable = isRescued ? jobs.filter(({ ahead }) => !ahead) : jobs;
  return askable.length > 1 ? askable.sort((a, b) => a.info.startMs - b.info.startMs) : askable;
}

/** @returns the bytes asked for */
function assignJob(state: State, step: Step, job: Job, roomBytes: number): number {
  const holding = state.inventory.get(job.key);
  if (holding === undefined || holding.sizeBytes === null) return 0;
  const missing = missingOf(state, step, job, holding);
  if (missing.length === 0) return 0;
  const givers = giversOf(state, job, step.nowMs);
  if (!givers.some(({ soonMs }) => soonMs < Infinity)) return 0;
  const free = rarestFirst(state, job, missing, holding.pieces.length, givers);
  if (free.length === 0) return 0;
  // With the CDN on its way already, a peer has until it gets there.
  const leftMs = Math.max(job.rescueAtMs - step.nowMs, lateAllowanceMs);
  const inTimeMs = Math.min(leftMs, patienceMs(state, job, holding, step.nowMs));
  // Whoever mixes sources passes nothing on before all is proved, so only one that has everything is worth that.
  const holders = givers.filter(({ pieces }) => pieces === null);
  const giverOf = (piece: number) =>
    isFetched(job, piece)
      ? soonest(holders, piece, raceFactor * reachedInMs(state, job, piece, step.nowMs))
      : soonest(givers, piece, inTimeMs);
  let askedBytes = 0;
  for (const piece of free) {
    if (askedBytes >= roomBytes) break;
    const giver = giverOf(piece);
    if (giver === null) continue;
    requestPiece(state, step, job, holding, giver.partner, piece);
    giver.roomCount -= 1;
    giver.soonMs = giver.roomCount > 0 ? soonMs(giver.partner) : Infinity;
    askedBytes += PIECE_BYTES;
  }
  return askedBytes;
}

function giversOf(state: State, job: Job, nowMs: number): Giver[] {
  const givers: Giver[] = [];
  for (const partner of state.roster.partners()) {
    if (!mayBeAsked(partner, job, nowMs)) continue;
    const pieces = partner.held.has(job.key) ? null : partner.arriving.get(job.key)?.pieces;
    if (pieces === undefined || pieces?.length === 0) continue;
    const roomCount = roomOf(partner);
    givers.push({ partner, pieces, roomCount, soonMs: roomCount > 0 ? soonMs(partner) : Infinity });
  }
  return givers;
}

const gives = ({ pieces }: Giver, piece: number): boolean => pieces === null || hasPiece(pieces, piece);

/**
 * Free pieces that somebody with room has, those with the fewest holders first. Among equals each viewer goes through
 * the segment from a place of its own: neighbours get different pieces, and what is left in the end is in few runs.
 */
function rarestFirst(
  state: State,
  job: Job,
  missing: readonly number[],
  count: number,
  givers: readonly Giver[],
): number[] {
  const start = mix32(state.session.ticket ^ job.info.id.sequence) % count;
  const ranks: number[] = [];
  for (const index of missing) {
    let holders = 0;
    let canBeAsked = false;
    for (const giver of givers) {
      if (!gives(giver, index)) continue;
      holders += 1;
      canBeAsked ||= giver.soonMs < Infinity;
    }
    if (canBeAsked) ranks.push(holders * count + ((index + count - start) % count));
  }
  const indices = ranks.sort((a, b) => a - b).map((rank) => (rank + start) % count);
  // What the CDN reaches last a peer is likeliest to bring before it; and then the fetch ends where they meet.
  return job.fetch === null ? indices : indices.sort((a, b) => b - a);
}

/** Free pieces that the CDN is not bringing either, or only later. */
function missingOf(state: State, { nowMs }: Step, job: Job, { pieces }: Holding): number[] {
  const missing: number[] = [];
  for (let index = 0; index < pieces.length; index++) {
    if (!isFree(job, pieces, index)) continue;
    if (isFetched(job, index) && !mayRace(state, job, reachedInMs(state, job, index, nowMs))) continue;
    missing.push(index);
  }
  return missing;
}

/**
 * The CDN reaches the piece so late that a partner may be sooner, and it is not the line that is slow. At a live edge
 * neighbours wait for what this viewer fetches, and it could pass nothing on before all of it is proved.
 */
function mayRace(state: State, { fetch, info }: Job, reachedMs: number): boolean {
  const isLive = state.tracks.view(info.id.track)?.live === true;
  return !isLive && fetch?.isLate !== true && reachedMs > lateAllowanceMs;
}

/**
 * A piece that a slow partner would bring after all that have or get the segment could be through with it is left for
 * the faster ones: else it would be the last to come. Who has nothing of it and expects nothing is no reason to wait.
 */
function patienceMs(state: State, job: Job, holding: Holding, nowMs: number): number {
  let rateBps = 0;
  for (const partner of state.roster.partners())
    if (mayBeAsked(partner, job, nowMs) && isSource(partner, job, nowMs))
      rateBps += partner.goodput.rateBps();
  return Math.max(patienceMinMs, (patienceFactor * (lackOf(holding).bytes ?? 0) * 8000) / rateBps);
}

/** When a partner would be through with all it owes and one piece more. */
const soonMs = (partner: Partner): number => owedMs(partner, PIECE_BYTES);

/** Who has the piece and room for another request, and will be through with all it owes first, and in time. */
function soonest(givers: readonly Giver[], piece: number, inTimeMs: number): Giver | null {
  let best: Giver | null = null;
  let bestMs = inTimeMs;
  for (const giver of givers) {
    if (giver.soonMs >= bestMs || !gives(giver, piece)) continue;
    best = giver;
    bestMs = giver.soonMs;
  }
  return best;
}

/**
 * Enough under way that the partner never waits for the next request, and no more: a piece that queues at a slow
 * partner is one that no fast one can bring meanwhile. Where many are under way the next ones are asked for several at a
 * time, in one frame: sending one takes the page as long as hashing a piece does.
 */
function roomOf({ pendingCount, goodput }: Partner): number {
  const rateBps = goodput.rateBps();
  const deep = Math.ceil((rateBps * pipelineMs) / (8000 * PIECE_BYTES));
  const shallow = Math.ceil((rateBps * pipelineMaxMs) / (8000 * PIECE_BYTES));
  const max = Math.min(shallow, pipelinePiecesMax, Math.max(pipelinePiecesMin, deep));
  const room = max - pendingCount;
  return room * 4 >= max ? room : 0;
}

/**
 * All requests together stay within what the downlink brings in a moment: more would slow a rescue by the CDN. The
 * CDN's rate stands for the line: a partner's pieces often come in bursts, which say nothing about it.
 */
function pendingMaxBytes(state: State): number {
  const rateBps = state.cdn.rateBps();
  if (rateBps === null) return pendingMinBytes;
  const bytesIn = (ms: number) => (rateBps * ms) / 8000;
  return Math.max(Math.min(pendingMinBytes, bytesIn(pendingSlowMs)), bytesIn(pendingMs));
}

/**
 * Of a slow partner's only what it brings in that moment: more will not come at once, whatever it owes. But where the
 * line is slow, it is that which makes partners slow.
 */
function pendingBytes(state: State, mostBytes: number): number {
  const isSlow = mostBytes < pendingMinBytes;
  let bytes = 0;
  for (const { pendingBytes: owedBytes, goodput } of state.roster.partners())
    bytes += isSlow ? owedBytes : Math.min(owedBytes, (goodput.rateBps() * pendingMs) / 8000);
  return bytes;
}
