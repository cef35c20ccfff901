import type { SegmentId } from "@tributary/protocol";
import {
  busyRestMs,
  claimSilenceMs,
  connectHopeMs,
  contenderLeadCount,
  furtherHopeMs,
  namesHopeMs,
  prefetchCount,
} from "../limits.ts";
import type { Partner } from "../peer/roster.ts";
import type { Job } from "../request/jobs.ts";
import type { State } from "../state.ts";

/** This partner may be asked for pieces of the segment now, if it has any. */
export function mayBeAsked(partner: Partner, job: Job, nowMs: number): boolean {
  return !partner.choked && partner.restUntilMs <= nowMs && avoidedUntilMs(partner, job) <= nowMs;
}

/** It holds the segment, or had news of getting it lately. */
export function isSource({ held, arriving }: Partner, { key }: Job, nowMs: number): boolean {
  return held.has(key) || (arriving.get(key)?.gainedAtMs ?? -Infinity) + claimSilenceMs > nowMs;
}

function avoidedUntilMs({ peer }: Partner, { avoided }: Job): number {
  return avoided.size === 0 ? 0 : (avoided.get(peer) ?? 0);
}

/**
 * Until when peers are a source of this segment: as long as somebody holds it whole, and for what is still arriving
 * somewhere as long as that goes on.
 * @returns null where nobody has or is getting it; Infinity where somebody has it
 */
export function sourceEndsAt(state: State, job: Job, nowMs: number): number | null {
  let endsAtMs: number | null = null;
  for (const partner of state.roster.partners()) {
    // Who is only busy will be back in a moment; who fell silent is not counted on.
    const isBackAtMs = Math.max(partner.restUntilMs, avoidedUntilMs(partner, job));
    if (partner.choked || isBackAtMs > nowMs + busyRestMs) continue;
    if (partner.held.has(job.key)) return Infinity;
    const progress = partner.arriving.get(job.key);
    if (progress === undefined) continue;
    const silentAtMs = progress.gainedAtMs + claimSilenceMs;
    if (silentAtMs > nowMs) endsAtMs = Math.max(endsAtMs ?? 0, silentAtMs);
  }
  return endsAtMs;
}

/** Partners that lack this segment and are about to fetch it themselves. */
export function contendersFor(state: State, id: SegmentId): { ticket: number; uplinkClass: number }[] {
  const contenders: { ticket: number; uplinkClass: number }[] = [];
  for (const partner of state.roster.partners()) {
    if (isContender(state, partner, id)) {
      contenders.push({ ticket: partner.ticket, uplinkClass: partner.position!.uplinkClass });
    }
  }
  return contenders;
}

/** The next segment this partner wants is this one, or a little before it. */
export function isContender(state: State, { position }: Partner, { track, sequence }: SegmentId): boolean {
  if (position === null) return false;
  const lead = state.tracks.view(track)?.live === true ? prefetchCount : contenderLeadCount;
  const wanted =
    position.track === track ? position.wanted : position.audioTrack === track ? position.audioWanted : null;
  return wanted !== null && wanted <= sequence && sequence - wanted <= lead;
}

/**
 * Until when neighbours that are not connected yet are worth waiting for: only during the first seconds of a
 * session, and only those that the tracker named or is just being asked for.
 * @returns null where there is nobody to hope for
 */
export function hopeUntil(state: State): number | null {
  const { startedAtMs, namesAwaited } = state.session;
  if (startedAtMs === null) return null;
  if (namesAwaited) return startedAtMs + namesHopeMs;
  const partners = state.roster.partners();
  const silent = partners.filter(({ position }) => position === null).length;
  const coming = state.roster.untried().length + state.roster.connectingCount();
  if (silent + coming === 0) return null;
  return startedAtMs + (silent === partners.length ? connectHopeMs : furtherHopeMs);
}
