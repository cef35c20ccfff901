import { MAX_SEGMENT_BYTES } from "@tributary/protocol";
import {
  claimStepMaxMs,
  claimStepMinMs,
  partReserveMinMs,
  partWaitMaxMs,
  stripePiecesMin,
  stripesMax,
  waitReserveMinMs,
} from "../limits.ts";
import { adoptRoot } from "../integrity/proving.ts";
import { deadlineOf } from "../player/playback.ts";
import { deliverHeld } from "../request/delivery.ts";
import {
  dropSilent,
  dropUnlisted,
  listDeadline,
  requestPieces,
  silenceDeadline,
} from "../request/downloading.ts";
import { abandon, fetchRest, fetchWhole } from "../request/fetching.ts";
import type { Job } from "../request/jobs.ts";
import { freePieces } from "../request/transfers.ts";
import { p2pActive, type State, type Step } from "../state.ts";
import { awaitsProof, type Holding } from "../store/inventory.ts";
import { dutyDelay, estimateContenders } from "./duty.ts";
import { rankAmong } from "./rank.ts";
import { byCompletion, contenderTickets, holdersOf, hopeUntil, type Holder } from "./sources.ts";

/** Decides for one job where its bytes come from now, and when to look again. */
export function schedule(state: State, step: Step, job: Job): void {
  if (job.loads.length === 0) {
    abandon(state, step, job, null);
    return;
  }
  const holding = state.inventory.ensure(job.info, step.nowMs);
  if (holding.complete) {
    deliverHeld(state, step, job, holding);
    return;
  }
  job.attentionMs = Infinity;
  if (job.fetch === null && awaitsProof(holding)) return;
  if (isCdnOnly(state, job, holding)) {
    if (job.fetch === null) fetchWhole(state, step, job);
    return;
  }
  adoptRoot(state, step, job, holding);
  dropSilent(state, step, job);
  dropUnlisted(state, step, job, holding);
  if (job.fetch !== null) {
    lookAgain(state, step, job, holding, Infinity);
    return;
  }
  const deadlineMs = deadlineOf(state.playback, job.info, step.nowMs);
  const patienceEndsMs = isPart(job) ? job.startedAtMs + partWaitMaxMs : Infinity;
  const rescueAtMs = Math.min(deadlineMs - reserveMs(state, job, holding), patienceEndsMs);
  if (step.nowMs >= rescueAtMs) {
    fetchRest(state, step, job);
    return;
  }
  const holders = holdersOf(state, job, step.nowMs);
  if (holders.length > 0) assign(state, step, job, holding, holders, deadlineMs);
  const turnAtMs = job.transfers.size > 0 ? Infinity : turnOf(state, step, job, holders, rescueAtMs);
  if (step.nowMs >= turnAtMs) {
    fetchRest(state, step, job);
    return;
  }
  job.waiting = true;
  lookAgain(state, step, job, holding, Math.min(rescueAtMs, turnAtMs));
}

function isCdnOnly(state: State, job: Job, holding: Holding): boolean {
  return (
    !p2pActive(state) ||
    state.session.breakerOpen ||
    holding.quarantined ||
    !isDescribable(state, holding) ||
    !job.loads.some(({ shareable }) => shareable) ||
    !state.roots.possible(job.info)
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
  return Math.max(floor, 2 * state.cdn.fetchMs(holding.sizeBytes));
}

/**
 * When this viewer asks the CDN for a segment that nobody has. Where all contenders are neighbours they are
 * ranked by ticket: the first asks at once, each next one only after those before it had time to claim. In a
 * larger swarm the ticket alone decides, without messages.
 */
function turnOf(state: State, step: Step, job: Job, holders: readonly Holder[], rescueAtMs: number): number {
  if (holders.length > 0) return Infinity;
  const hope = hopeUntil(state);
  if (hope !== null && step.nowMs < hope) return hope;
  const { session, roster } = state;
  const rivals = contenderTickets(state, job);
  const contenders = estimateContenders(session.viewerCount, roster.partners().length, rivals.length);
  job.contendedSinceMs ??= step.nowMs;
  const patienceMs = Math.max(0, rescueAtMs - job.contendedSinceMs);
  if (contenders <= rivals.length + 1) {
    return (
      job.contendedSinceMs +
      rankAmong(session.ticket, rivals, job.info.id) * claimStep(patienceMs, contenders)
    );
  }
  return (
    job.contendedSinceMs +
    dutyDelay(session.ticket, job.info.id, contenders, session.copiesTarget, patienceMs)
  );
}

/**
 * Half of the patience is shared out among the ranks: at a live edge some contenders learn of a segment a playlist
 * reload later than others, and only a step of that order lets the duty go round instead of to the first to see it.
 */
function claimStep(patienceMs: number, contenders: number): number {
  return Math.min(claimStepMaxMs, Math.max(claimStepMinMs, patienceMs / (2 * contenders)));
}

/** Gives every free piece to a holder: striped over several that are whole, else to the one furthest ahead. */
function assign(
  state: State,
  step: Step,
  job: Job,
  holding: Holding,
  holders: readonly Holder[],
  deadlineMs: number,
): void {
  const size = holding.sizeBytes;
  if (size === null) {
    // What is here cannot be told from the whole yet: the rest is asked for when the root has come.
    const isEmpty = holding.pieces.every(({ state: piece }) => piece === "missing");
    const [best] = byCompletion(holders, 0);
    if (job.transfers.size === 0 && isEmpty && best !== undefined) {
      requestPieces(state, step, job, best.partner, 0, null, deadlineMs);
    }
    return;
  }
  const free = freePieces(job, holding);
  if (free.length === 0) return;
  const ranked = byCompletion(holders, size);
  const whole = ranked.filter((holder) => holder.whole);
  const able = whole.length > 0 ? whole : ranked.slice(0, 1);
  const stripes = Math.max(1, Math.min(stripesMax, able.length, Math.floor(free.length / stripePiecesMin)));
  const share = Math.ceil(free.length / stripes);
  for (let at = 0, turn = 0; at < free.length; turn++) {
    const run = contiguous(free, at, share);
    const { partner } = able[turn % stripes]!;
    requestPieces(state, step, job, partner, run.first, run.end, deadlineMs);
    at += run.end - run.first;
  }
}

/** The run of consecutive pieces that starts at index `at` of the list, `most` pieces at most. */
function contiguous(pieces: readonly number[], at: number, most: number): { first: number; end: number } {
  const first = pieces[at]!;
  let end = first + 1;
  while (end - first < most && pieces[at + end - first] === end) end += 1;
  return { first, end };
}

function lookAgain(state: State, step: Step, job: Job, holding: Holding, atMs: number): void {
  job.attentionMs = Math.min(atMs, listDeadline(job, holding));
  for (const transfer of job.transfers.values()) {
    job.attentionMs = Math.min(job.attentionMs, silenceDeadline(state, job, transfer));
  }
  const rests = [...job.avoided.values(), ...state.roster.partners().map(({ restUntilMs }) => restUntilMs)];
  for (const until of rests) if (until > step.nowMs) job.attentionMs = Math.min(job.attentionMs, until);
}
