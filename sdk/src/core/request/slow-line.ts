import {
  cdnTrustMs,
  doubtFactor,
  doubtMs,
  lateFactor,
  lateMinMs,
  probeAnswerMs,
  rangelessTrustMs,
} from "../limits.ts";
import type { State, Step } from "../state.ts";
import type { Holding } from "../store/inventory.ts";
import { cutFetch } from "./cutting.ts";
import { isRangeless } from "./fetching.ts";
import type { Job } from "./jobs.ts";
import { heldBytes, tellProgress, tellStarted } from "./progress.ts";
import { owedMs } from "./reach.ts";
import { cancelAhead, cancelUnbegun } from "./transfers.ts";

/**
 * When the line itself comes into doubt, Infinity for never: what peers owe the player is long in coming, and the CDN's
 * rate is of some time ago. If the line has become slow, the reserve for a rescue is too short, and the player should
 * take a lower level; if only the peers are slow, it should not.
 */
export function doubtsAtMs(state: State, job: Job): number {
  if (job.ahead || job.fetch !== null || job.slowSinceMs !== null || job.info.id.part >= 0) return Infinity;
  const trustMs = isRangeless(state, job) ? rangelessTrustMs : cdnTrustMs;
  return Math.max(longOwedAtMs(state, job), state.cdn.seenAtMs() + trustMs);
}

/** When the first of those that were asked has taken far longer than it did lately for as much. */
function longOwedAtMs({ roster }: State, { transfers }: Job): number {
  let atMs = Infinity;
  for (const { peer, startedAtMs } of transfers.values()) {
    const partner = roster.partner(peer);
    if (partner === undefined) continue;
    atMs = Math.min(atMs, startedAtMs + doubtMs + doubtFactor * owedMs(partner));
  }
  return atMs;
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
export function lateAtMs({ cdn }: State, { fetch, ahead, info }: Job, holding: Holding): number {
  if (fetch === null || fetch.isLate || ahead || info.id.part >= 0) return Infinity;
  const { startedAtMs, firstByteAtMs, offsetBytes } = fetch;
  if (firstByteAtMs === null)
    return fetch.isProbe ? startedAtMs + cdn.firstByteMs() + probeAnswerMs : Infinity;
  const endBytes = fetch.endBytes ?? holding.sizeBytes;
  const bodyMs = cdn.fetchMs(endBytes === null ? null : endBytes - offsetBytes) - cdn.firstByteMs();
  return firstByteAtMs + Math.max(lateMinMs, lateFactor * bodyMs);
}

/**
 * The line is slow. It is kept free for what has begun to come; the reserve follows the rate it has now; and where
 * peers bring the segment, the player sees how slowly it comes as of when they were asked.
 */
export function onLate(state: State, step: Step, job: Job): void {
  const { fetch } = job;
  if (fetch === null) return;
  fetch.isLate = true;
  cancelAhead(state, step);
  const sinceMs = Math.min(fetch.startedAtMs, owedSinceMs(job));
  cancelUnbegun(state, step, job, () => false);
  // What it brings in the end says how fast the line is.
  if (!fetch.isProbe) return;
  state.cdn.slowed(heldBytes(state, job), step.nowMs - sinceMs, step.nowMs);
  fetch.isProbe = false;
  job.slowSinceMs = sinceMs;
  // They fill the line already: two sources would only take it from each other.
  if (job.transfers.size > 0) cutFetch(state, step, job);
  tellStarted(step, job, sinceMs);
  tellProgress(state, step, job);
}

/** Peers fill the line already, and what they have begun cannot be called off at once: the CDN would only be slower. */
export function leavesLineToPeers({ slowSinceMs, transfers }: Job): boolean {
  return slowSinceMs !== null && transfers.size > 0;
}
