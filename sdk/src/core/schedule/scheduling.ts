import { MAX_SEGMENT_BYTES } from "@tributary/protocol";
import {
  claimStepMaxMs,
  claimStepMinMs,
  partReserveMinMs,
  partWaitMaxMs,
  seedMaxMs,
  waitReserveMinMs,
} from "../limits.ts";
import { adoptRoot } from "../integrity/proving.ts";
import { ownUplinkClass } from "../peer/announcing.ts";
import { deadlineOf } from "../player/playback.ts";
import { deliverHeld } from "../request/delivery.ts";
import { dropSilent, dropUnlisted, listDeadline, silenceDeadline } from "../request/downloading.ts";
import { abandon, failOverdue, fetchPiece, fetchRest, fetchWhole, overdueAtMs } from "../request/fetching.ts";
import type { Job } from "../request/jobs.ts";
import { doubtsAtMs, lateAtMs, leavesLineToPeers, onLate } from "../request/slow-line.ts";
import { p2pActive, type State, type Step } from "../state.ts";
import { awaitsProof, lackOf, type Holding } from "../store/inventory.ts";
import { dutyDelay, estimateContenders } from "./duty.ts";
import { rankAmong } from "./rank.ts";
import { contendersFor, hopeUntil, sourceEndsAt } from "./sources.ts";
import { uplinkWeight } from "./weight.ts";

/** Decides for one job whether the CDN is asked now, and when to look again; peers are asked by `assignPieces`. */
export function schedule(state: State, step: Step, job: Job): void {
  failOverdue(step, job);
  decide(state, step, job);
  for (const load of job.loads) wakeAt(job, step, overdueAtMs(job, load));
}

function decide(state: State, step: Step, job: Job): void {
  if (job.loads.length === 0 && !(job.ahead && isAhead(state, job))) {
    abandon(state, step, job, null);
    return;
  }
  const holding = state.inventory.ensure(job.info, step.nowMs);
  if (holding.complete && !holding.quarantined) {
    deliverHeld(state, step, job, holding);
    return;
  }
  // What contradicts its root was perhaps damaged on its way: it is not played twice.
  if (holding.complete) state.inventory.clear(holding);
  job.attentionMs = Infinity;
  job.askable = false;
  if (job.fetch === null && awaitsProof(holding)) return;
  if (isCdnOnly(state, step, job, holding)) {
    if (job.fetch === null && !job.ahead) fetchWhole(state, step, job);
    return;
  }
  adoptRoot(state, step, job, holding);
  dropSilent(state, step, job);
  dropUnlisted(state, step, job, holding);
  job.askable = true;
  step.piecesFree = true;
  const deadlineMs = deadlineOf(state.playback, job.info, step.nowMs);
  const patienceEndsMs = isPart(job) ? job.startedAtMs + partWaitMs(state, step, job, holding) : Infinity;
  if (step.nowMs >= lateAtMs(state, step, job, holding)) onLate(state, step, job);
  const rescueAtMs = Math.min(deadlineMs - reserveMs(state, job, holding), patienceEndsMs);
  job.rescueAtMs = rescueAtMs;
  if (state.line.isSlow(step.nowMs)) {
    job.askable = false;
    if (!job.ahead && job.fetch === null) fetchRest(state, step, job, holding);
    const lateMs = lateAtMs(state, step, job, holding);
    lookAgain(state, step, job, holding, Math.min(lateMs, state.line.slowUntilMs()));
    return;
  }
  if (job.fetch !== null || (job.ahead && !maySeed(state, job))) {
    lookAgain(state, step, job, holding, lateAtMs(state, step, job, holding));
    return;
  }
  const doubtAtMs = doubtsAtMs(state, step, job, holding);
  if (step.nowMs >= doubtAtMs && step.nowMs < rescueAtMs) {
    // One piece from the CDN tells a slow line from slow peers.
    fetchPiece(state, step, job, holding);
    lookAgain(state, step, job, holding, lateAtMs(state, step, job, holding));
    return;
  }
  const isDue = step.nowMs >= rescueAtMs && !job.ahead;
  const restUntilMs = job.ahead ? state.seeding.restUntilMs() : 0;
  const turnAtMs = isDue ? step.nowMs : Math.max(restUntilMs, turnOf(state, step, job, rescueAtMs));
  if (step.nowMs < turnAtMs) {
    job.waiting = !job.ahead;
    lookAgain(state, step, job, holding, job.ahead ? turnAtMs : Math.min(rescueAtMs, turnAtMs, doubtAtMs));
  } else if (job.ahead && !isLineFree(state, step)) {
    lookAgain(state, step, job, holding, step.nowMs + claimStepMinMs);
  } else {
    fetchRest(state, step, job, holding);
  }
}

/** Whether the CDN is asked at all for what was begun ahead; what it brought a part of already is brought to its end. */
function maySeed({ seeding, session }: State, { key, fetched }: Job): boolean {
  return !session.cdnThroughPlayer && (fetched !== null || seeding.mayBegin(key));
}

/** A first copy for the swarm may not take the line from what the player waits for. */
function isLineFree(state: State, step: Step): boolean {
  const takesMs = state.cdn.fetchMs(null);
  if (takesMs > seedMaxMs) return false;
  for (const { ahead, rescueAtMs } of state.jobs.all())
    if (!ahead && rescueAtMs - step.nowMs < 3 * takesMs) return false;
  return true;
}

/** What was begun ahead is still what the player will want, or can: a paused one sees a live window move on. */
function isAhead(state: State, { info }: Job): boolean {
  const { track, sequence } = info.id;
  if (sequence < state.tracks.firstSequence(track)) return false;
  const wishes = [state.tracks.next("main"), state.tracks.next("audio")];
  return wishes.some((wish) => wish?.track === track && wish.sequence <= sequence);
}

function isCdnOnly(state: State, { nowMs }: Step, job: Job, holding: Holding): boolean {
  return (
    !p2pActive(state) ||
    state.session.breakerOpen ||
    holding.quarantined ||
    !isDescribable(state, holding) ||
    (!job.ahead && !job.loads.some(({ shareable }) => shareable)) ||
    !state.roots.possible(job.info, nowMs)
  );
}

/** False for segments that the protocol has no words for: only the CDN can bring them. */
function isDescribable(state: State, { info, sizeBytes }: Holding): boolean {
  const knownBytes = sizeBytes ?? state.roots.of(info)?.sizeBytes ?? 1;
  return knownBytes > 0 && knownBytes <= MAX_SEGMENT_BYTES;
}

const isPart = (job: Job): boolean => job.info.id.part >= 0;

/**
 * Buffer below which the CDN is asked, whatever peers promise: twice the expected CDN fetch of what is
 * missing, and never less than a fixed reserve.
 */
function reserveMs(state: State, job: Job, holding: Holding): number {
  const floor = isPart(job) ? partReserveMinMs : waitReserveMinMs;
  if (leavesLineToPeers(job)) return floor;
  const { bytes, gapCount } = lackOf(holding);
  return Math.max(floor, 2 * state.cdn.fetchMs(bytes, gapCount));
}

/**
 * A copy at a neighbour, and the root that proves it, come through the CDN too: what is on its way there is given as
 * long as the CDN would take to here, or nobody would take anything from anybody where the CDN is slow to answer.
 */
function partWaitMs(state: State, { nowMs }: Step, job: Job, holding: Holding): number {
  const isOnItsWay = sourceEndsAt(state, job, nowMs) !== null;
  return partWaitMaxMs + (isOnItsWay ? state.cdn.fetchMs(holding.sizeBytes) : 0);
}

/**
 * When this viewer asks the CDN for a segment. While somebody has pieces of it or has just claimed it: not at all.
 * Where all contenders are neighbours they are ranked by ticket: the first asks at once, each next one only after
 * those before it had time to claim. In a larger swarm the ticket alone decides, without messages.
 */
function turnOf(state: State, step: Step, job: Job, rescueAtMs: number): number {
  const endsAtMs = sourceEndsAt(state, job, step.nowMs);
  if (endsAtMs !== null) return Math.max(endsAtMs, step.nowMs + 1);
  const hope = hopeUntil(state);
  if (hope !== null && step.nowMs < hope) return hope;
  const { session, roster } = state;
  const rivals = contendersFor(state, job.info.id);
  const contenders = estimateContenders(session.viewerCount, roster.partners().length, rivals.length);
  job.contendedSinceMs ??= step.nowMs;
  const patienceMs = Math.max(0, rescueAtMs - job.contendedSinceMs);
  const waitMs =
    contenders <= rivals.length + 1
      ? rankAmong({ ticket: session.ticket, uplinkClass: ownUplinkClass(state) }, rivals, job.info.id) *
        claimStep(patienceMs, contenders)
      : dutyDelay(
          session.ticket,
          job.info.id,
          contenders,
          session.copiesTarget,
          patienceMs,
          uplinkWeight(state),
        );
  return job.contendedSinceMs + waitMs;
}

/**
 * Half of the patience is shared out among the ranks: at a live edge some contenders learn of a segment a playlist
 * reload later than others, and only a step of that order lets the duty go round instead of to the first to see it.
 */
function claimStep(patienceMs: number, contenders: number): number {
  return Math.min(claimStepMaxMs, Math.max(claimStepMinMs, patienceMs / (2 * contenders)));
}

function lookAgain(state: State, step: Step, job: Job, holding: Holding, atMs: number): void {
  job.attentionMs = Math.min(atMs, listDeadline(job, holding));
  for (const transfer of job.transfers.values()) {
    const partner = state.roster.partner(transfer.peer);
    if (partner !== undefined) wakeAt(job, step, silenceDeadline(partner, transfer));
  }
  for (const until of job.avoided.values()) wakeAt(job, step, until);
  for (const { restUntilMs } of state.roster.partners()) wakeAt(job, step, restUntilMs);
}

function wakeAt(job: Job, { nowMs }: Step, atMs: number): void {
  if (atMs > nowMs) job.attentionMs = Math.min(job.attentionMs, atMs);
}
