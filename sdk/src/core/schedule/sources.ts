import { connectHopeMs, contenderLeadCount, furtherHopeMs, namesHopeMs } from "../limits.ts";
import type { Partner } from "../peer/roster.ts";
import type { Job } from "../request/jobs.ts";
import type { State } from "../state.ts";

/** A partner that may be asked for this segment now, with what it could bring. */
export interface Holder {
  readonly partner: Partner;
  /** False while the segment is still arriving there. */
  readonly whole: boolean;
}

/** Partners that have, or are getting, the segment and may be asked. */
export function holdersOf(state: State, job: Job, nowMs: number): Holder[] {
  const holders: Holder[] = [];
  for (const partner of state.roster.partners()) {
    if (partner.choked || partner.restUntilMs > nowMs) continue;
    if ((job.avoided.get(partner.peer) ?? 0) > nowMs) continue;
    const whole = partner.held.has(job.key);
    if (whole || partner.arriving.has(job.key)) holders.push({ partner, whole });
  }
  return holders;
}

/** Tickets of the partners that lack this segment and are about to fetch it themselves. */
export function contenderTickets(state: State, job: Job): number[] {
  const { track, sequence } = job.info.id;
  const tickets: number[] = [];
  for (const partner of state.roster.partners()) {
    const { position } = partner;
    if (position === null || partner.held.has(job.key)) continue;
    const wanted =
      position.track === track
        ? position.wanted
        : position.audioTrack === track
          ? position.audioWanted
          : null;
    if (wanted === null || wanted > sequence || sequence - wanted > contenderLeadCount) continue;
    tickets.push(partner.ticket);
  }
  return tickets;
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

/** Best first: the least expected time until the bytes would be here, counting what it already owes us. */
export function byCompletion(holders: readonly Holder[], sizeBytes: number): Holder[] {
  const expectedMs = ({ partner }: Holder) =>
    ((partner.pendingBytes + sizeBytes) * 8000) / partner.goodput.rateBps();
  return [...holders].sort((a, b) => Number(b.whole) - Number(a.whole) || expectedMs(a) - expectedMs(b));
}
