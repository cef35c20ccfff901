import {
  announceIntervalMs,
  linkDelayMaxMs,
  linkPaceMs,
  linksAtOnceCount,
  replaceIntervalMs,
} from "../limits.ts";
import { p2pActive, type Session, type State, type Step } from "../state.ts";
import type { Partner } from "./roster.ts";

/**
 * Connects to peers the tracker named, a few at once and then one after another, and asks for more when they run out.
 * Where enough are there and one of them is of no use, one more is tried at a time.
 */
export function keepPartners(state: State, step: Step): void {
  if (!p2pActive(state) || state.line.isSlow(step.nowMs)) return;
  const { roster, session } = state;
  if (!session.linking) {
    if (!session.frameShown && step.nowMs < linkingAtMs(session)) return;
    session.linking = true;
    step.out.push({ type: "admit-peers" });
  }
  const lackingCount = lacking(state);
  // Whoever wants nothing at the moment needs no better partners.
  const isContent = state.jobs.all().length === 0 || roster.connectingCount() > 0;
  const replaces = lackingCount === 0 && !isContent && spareOf(state, step.nowMs) !== undefined;
  const wantedCount = replaces ? 1 : lackingCount;
  const untried = roster.untried();
  for (const peer of untried.slice(0, wantedCount)) {
    if (step.nowMs < linkBeginsAtMs(session)) return;
    session.linkDueAtMs = Math.max(session.linkDueAtMs, step.nowMs) + linkPaceMs;
    roster.connecting(peer);
    step.out.push({ type: "connect-peer", peer });
  }
  if (
    wantedCount <= untried.length ||
    !isAnnounceUseful(state) ||
    step.nowMs < session.announcedAtMs + (replaces ? replaceIntervalMs : announceIntervalMs)
  )
    return;
  session.announcedAtMs = step.nowMs;
  step.out.push({ type: "announce", wantedPeers: wantedCount - untried.length });
}

/** Somebody came to a full house: it takes the place of a partner of no use, if there is one. */
export function makeRoom(state: State, step: Step): boolean {
  const spare = spareOf(state, step.nowMs);
  if (spare === undefined) return false;
  state.session.replacedAtMs = step.nowMs;
  step.out.push({ type: "close-peer", peer: spare.peer, reason: "replaced" });
  return true;
}

/** The tracker has nobody new, and it names no pair twice. */
export function recallPartner(state: State, nowMs: number): void {
  if (lacking(state) > 0) state.roster.recall(nowMs);
}

/** A partner that has neither given nor taken any media for so long that another may take its place. */
function spareOf({ roster, session }: State, nowMs: number): Partner | undefined {
  const sinceMs = nowMs - replaceIntervalMs;
  if (session.replacedAtMs > sinceMs) return undefined;
  return roster.partners().find((one) => Math.max(one.heardMediaAtMs, one.drainedAtMs) <= sinceMs);
}

/** When the next announce is due, Infinity for never. */
export function partnersDeadline(state: State): number {
  return Math.max(wishesPartnersAtMs(state), state.line.slowUntilMs());
}

function wishesPartnersAtMs(state: State): number {
  const { roster, session } = state;
  if (!p2pActive(state)) return Infinity;
  if (!session.linking) return linkingAtMs(session);
  const lackingCount = lacking(state);
  if (lackingCount <= 0) return Infinity;
  if (roster.untried().length > 0) return linkBeginsAtMs(session);
  if (!isAnnounceUseful(state)) return Infinity;
  return session.announcedAtMs + announceIntervalMs;
}

/** Partners wanted beyond those that are connected or about to be. */
function lacking({ roster, config }: State): number {
  return Math.max(0, config.partnersTarget - roster.partners().length - roster.connectingCount());
}

/** When the next connection may be begun. */
function linkBeginsAtMs({ linkDueAtMs }: Session): number {
  return linkDueAtMs - (linksAtOnceCount - 1) * linkPaceMs;
}

function linkingAtMs({ startedAtMs }: Session): number {
  return (startedAtMs ?? Infinity) + linkDelayMaxMs;
}

/** More viewers exist than are linked. */
function isAnnounceUseful({ session, roster }: State): boolean {
  return (
    session.tracker === "ready" &&
    session.viewerCount - 1 > roster.partners().length + roster.connectingCount()
  );
}
