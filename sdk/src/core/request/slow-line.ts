import {
  doubtMs,
  fallDurations,
  rescueDurations,
  doubtStepMs,
  lateFactor,
  lateMinMs,
  lateTurnsCount,
  probeAnswerMs,
  rangelessTrustMs,
  trustMaxMs,
  trustMinMs,
  trustPerRoomMs,
} from "../limits.ts";
import { roomFactor } from "../estimate/line.ts";
import { deadlineOf } from "../player/playback.ts";
import type { State, Step } from "../state.ts";
import { lackOf, type Holding } from "../store/inventory.ts";
import { cutFetch } from "./cutting.ts";
import { isRangeless } from "./fetching.ts";
import type { Fetch, Job } from "./jobs.ts";
import { heldBytes, tellProgress, tellStarted } from "./progress.ts";
import { cancelAhead, cancelTransfers, cancelUnbegun } from "./transfers.ts";

/**
 * When the line itself comes into doubt, Infinity for never: the player has waited for a while, what comes does not promise
 * to be in time, and the line was not seen for some time to carry more. If it has become slow, the reserve for a rescue is
 * too short, and the player should take a lower level; if only the peers are slow, it should not.
 */
export function doubtsAtMs(state: State, { nowMs }: Step, job: Job, holding: Holding): number {
  if (job.ahead || job.fetch !== null || job.slow !== null || job.info.id.part >= 0) return Infinity;
  const seenAtMs = Math.max(state.cdn.seenAtMs(), state.line.seenAtMs());
  const waitedAtMs = (job.loads[0]?.atMs ?? Infinity) + doubtMs + lateTurnsMs(state, nowMs);
  const atMs = Math.max(waitedAtMs, seenAtMs + trustMs(state, job), fallLoomsAtMs(state, nowMs, job));
  return atMs <= nowMs && comesInTime(state, nowMs, job, holding) ? nowMs + doubtStepMs : atMs;
}

/** The more room there was beside what is watched, the less a fall is to be feared. */
function trustMs(state: State, job: Job): number {
  if (isRangeless(state, job)) return rangelessTrustMs;
  return Math.min(
    trustMaxMs,
    Math.max(trustMinMs, trustPerRoomMs * state.line.roomIn(state.cdn.rateBps() ?? 0)),
  );
}

/** What is missing would be here, at the rate at which media come, one duration before the player needs it. */
function comesInTime({ playback, line }: State, nowMs: number, { info }: Job, holding: Holding): boolean {
  const leftMs = deadlineOf(playback, info, nowMs) - info.durationMs - nowMs;
  return ((lackOf(holding).bytes ?? Infinity) * 8000) / line.rateBps(nowMs) < leftMs;
}

/** What goes back and forth between pages is late by some of their turns, however fast the line is. */
function lateTurnsMs({ lateness }: State, nowMs: number): number {
  return lateTurnsCount * lateness.worstMs(nowMs);
}

/** When a player that still has to see that its line is slow, and to take a lower level if there is one, would just be in time. */
function fallLoomsAtMs({ playback, tracks }: State, nowMs: number, { info }: Job): number {
  const durations = tracks.view(info.id.track)?.lower === true ? fallDurations : rescueDurations;
  return deadlineOf(playback, info, nowMs) - durations * info.durationMs;
}

function owedSinceMs({ transfers }: Job): number {
  let sinceMs = Infinity;
  for (const { startedAtMs } of transfers.values()) sinceMs = Math.min(sinceMs, startedAtMs);
  return sinceMs;
}

/**
 * When a fetch for the player takes so much longer than the CDN's latest rate says that the line must be slow. A first
 * byte may be long in coming for other reasons, so only a probe, which came of a doubt, is judged by it.
 */
export function lateAtMs(state: State, { nowMs }: Step, job: Job, holding: Holding): number {
  const { cdn } = state;
  const { fetch, ahead, info } = job;
  if (fetch === null || fetch.isLate || ahead || info.id.part >= 0) return Infinity;
  const { startedAtMs, firstByteAtMs, offsetBytes } = fetch;
  if (firstByteAtMs === null)
    return fetch.isProbe
      ? startedAtMs + cdn.firstByteMs() + probeAnswerMs + lateTurnsMs(state, nowMs)
      : Infinity;
  const endBytes = fetch.endBytes ?? holding.sizeBytes;
  const bodyMs = cdn.fetchMs(endBytes === null ? null : endBytes - offsetBytes) - cdn.firstByteMs();
  return firstByteAtMs + Math.max(lateMinMs, lateFactor * bodyMs) + lateTurnsMs(state, nowMs);
}

/**
 * The line is slow. It is kept free for what has begun to come; the reserve follows the rate it has now; and where
 * peers bring the segment, the player sees how slowly it comes as of when they were asked.
 */
export function onLate(state: State, step: Step, job: Job): void {
  const { fetch } = job;
  if (fetch === null) return;
  fetch.isLate = true;
  const isProbe = fetch.isProbe;
  // Where nobody owes anything it may be the CDN alone that is slow; and one that always was is no sign of a fall.
  const hasFallen = isOwed(state) && state.line.roomIn(state.cdn.rateBps() ?? 0) >= roomFactor;
  if (isProbe) onSlow(state, step, job, fetch);
  if (hasFallen) state.line.carries(rateOf(state, step, fetch), step.nowMs);
  if (state.line.isSlow(step.nowMs)) return leaveLineToCdn(state, step);
  cancelAhead(state, step);
  cancelUnbegun(state, step, job, () => false);
  // They fill the line already: two sources would only take it from each other.
  if (isProbe && job.transfers.size > 0) cutFetch(state, step, job);
}

function onSlow(state: State, step: Step, job: Job, fetch: Fetch): void {
  const sinceMs = Math.min(fetch.startedAtMs, owedSinceMs(job));
  state.cdn.slowed(heldBytes(state, job), step.nowMs - sinceMs, step.nowMs);
  fetch.isProbe = false;
  job.slow = { sinceMs, seenBytes: 0 };
  tellStarted(step, job, sinceMs);
  tellProgress(state, step, job);
}

/**
 * Each source would take its part of a slow line. What partners have given to their channels can be called off in one way
 * only: whoever owes something loses its link.
 */
function leaveLineToCdn(state: State, step: Step): void {
  for (const { peer, pendingCount } of state.roster.partners())
    if (pendingCount > 0) step.out.push({ type: "close-peer", peer, reason: "slow-line" });
  for (const job of state.jobs.all()) cancelTransfers(state, step, job);
}

function isOwed({ roster }: State): boolean {
  return roster.partners().some(({ pendingCount }) => pendingCount > 0);
}

function rateOf({ cdn }: State, { nowMs }: Step, { firstByteAtMs, receivedBytes }: Fetch): number {
  const seenBps = (receivedBytes * 8000) / Math.max(1, nowMs - (firstByteAtMs ?? nowMs));
  return Math.min(cdn.rateBps() ?? 0, firstByteAtMs === null ? Infinity : seenBps);
}

/** Peers fill the line already, and what they have begun cannot be called off at once: the CDN would only be slower. */
export function leavesLineToPeers({ slow, transfers }: Job): boolean {
  return slow !== null && transfers.size > 0;
}
