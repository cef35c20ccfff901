import { encodeHex, type ClientMessageOf } from "@tributary/protocol";
import { issueGrants } from "./accounting/grants.ts";
import { apartFrom } from "./apart.ts";
import { createIndexedSet } from "./indexed-set.ts";
import { copiesTargetOf, introductionsMax } from "./limits.ts";
import { chooseCandidates } from "./matching.ts";
import type { Membership, Session, SessionState, Swarm } from "./model.ts";
import type { Output } from "./outputs.ts";
import { restRoots, takeRestingRoots } from "./resting-roots.ts";
import type { TrackerState } from "./state.ts";

type Joined = Extract<SessionState, { kind: "joined" }>;
type Admitted = Extract<SessionState, { kind: "admitted" }>;

/** Enters the swarm of a title, moves there, or re-announces; answered with the swarm and new partners. */
export function joinSwarm(
  state: TrackerState,
  session: Session,
  before: Admitted | Joined,
  join: ClientMessageOf<"join">,
  nowMs: number,
  out: Output[],
): void {
  const { config, counters } = state;
  const title = titleOf(before.identity.admission?.publisher ?? "", join.contentId);
  const stays = before.kind === "joined" && before.membership.swarm.title === title;
  if (before.kind === "joined" && !stays) leaveSwarm(state, session, before);
  const swarm = stays ? before.membership.swarm : swarmOf(state, title, nowMs);
  const origins = join.origins.map(config.originOf).filter((origin) => origin !== null);
  const membership: Membership = {
    swarm,
    ticket: stays ? before.membership.ticket : Math.floor(config.random() * 2 ** 32),
    role: join.role,
    origins: new Set(origins),
    introduced: stays ? before.membership.introduced : new Set(),
  };
  if (stays) countViewer(before.membership, -1);
  else addMember(swarm, session);
  countViewer(membership, 1);
  session.state = { kind: "joined", identity: before.identity, membership };

  tellSwarm(session, membership, out);
  const candidates = chooseCandidates(
    session,
    membership,
    join.wantedPeers,
    config.random,
    apartFrom(state, session),
  );
  const peers = [];
  const partners: Session[] = [];
  for (const candidate of candidates) {
    if (candidate.state.kind !== "joined") continue;
    introduce(session, candidate);
    counters.introductions++;
    partners.push(candidate);
    peers.push({ peer: candidate.state.identity.peer, ticket: candidate.state.membership.ticket });
  }
  out.push({ type: "send", session: session.id, message: { type: "peers", peers, grants: [] } });
  // They follow when they are signed: nobody waits for them to connect.
  issueGrants(state, session, partners, nowMs, out);
}

/** Takes the session out of its swarm and of everybody's introductions; an empty swarm is forgotten. */
export function leaveSwarm(state: TrackerState, session: Session, joined: Joined): void {
  const { swarm, introduced } = joined.membership;
  for (const other of introduced) introductionsOf(other)?.delete(session);
  introduced.clear();
  countViewer(joined.membership, -1);
  swarm.members.delete(session);
  if (session.network !== null) {
    const neighbours = swarm.byNetwork.get(session.network);
    neighbours?.delete(session);
    if (neighbours?.size === 0) swarm.byNetwork.delete(session.network);
  }
  session.state = { kind: "admitted", identity: joined.identity };
  if (swarm.members.size > 0) return;
  restRoots(state, swarm);
  state.swarmsByTitle.delete(swarm.title);
  state.swarmsByKey.delete(swarm.key);
}

/** Duty depends on the size of the swarm, so members hear of it when it changed by a quarter. */
export function tellGrownSwarms(state: TrackerState, out: Output[]): void {
  for (const swarm of state.swarmsByKey.values()) {
    const changed = Math.abs(swarm.viewerCount - swarm.toldViewerCount);
    if (changed * 4 < Math.max(1, swarm.toldViewerCount)) continue;
    swarm.toldViewerCount = swarm.viewerCount;
    for (let index = 0; index < swarm.members.size; index++) {
      const member = swarm.members.at(index);
      if (member?.state.kind === "joined") tellSwarm(member, member.state.membership, out);
    }
  }
}

function tellSwarm(session: Session, { swarm, ticket }: Membership, out: Output[]): void {
  const { viewerCount } = swarm;
  const copiesTarget = copiesTargetOf(viewerCount);
  const message = { type: "swarm", swarm: swarm.id, ticket, viewerCount, copiesTarget } as const;
  out.push({ type: "send", session: session.id, message });
}

/**
 * What swarm ids are made of. No content id of the open namespace, whose publisher has no name, can look like one of a
 * publisher's: names hold no NUL.
 */
export function titleOf(publisher: string, contentId: string): string {
  return `${publisher}\0${contentId}`;
}

function swarmOf(state: TrackerState, title: string, nowMs: number): Swarm {
  const found = state.swarmsByTitle.get(title);
  if (found !== undefined) return found;
  const id = state.config.swarmIdOf(title, nowMs);
  const swarm: Swarm = {
    title,
    id,
    key: encodeHex(id),
    members: createIndexedSet(),
    byNetwork: new Map(),
    viewerCount: 0,
    toldViewerCount: 0,
    roots: takeRestingRoots(state, title),
  };
  state.swarmsByTitle.set(title, swarm);
  state.swarmsByKey.set(swarm.key, swarm);
  return swarm;
}

function addMember(swarm: Swarm, session: Session): void {
  swarm.members.add(session);
  if (session.network === null) return;
  let neighbours = swarm.byNetwork.get(session.network);
  if (neighbours === undefined) swarm.byNetwork.set(session.network, (neighbours = createIndexedSet()));
  neighbours.add(session);
}

function countViewer({ swarm, role }: Membership, change: 1 | -1): void {
  if (role === "viewer") swarm.viewerCount += change;
}

function introductionsOf({ state }: Session): Set<Session> | null {
  return state.kind === "joined" ? state.membership.introduced : null;
}

function introduce(one: Session, other: Session): void {
  remember(one, other);
  remember(other, one);
}

function remember(session: Session, other: Session): void {
  const introduced = introductionsOf(session);
  if (introduced === null) return;
  introduced.add(other);
  if (introduced.size <= introductionsMax) return;
  const oldest = introduced.values().next().value as Session;
  introduced.delete(oldest);
  introductionsOf(oldest)?.delete(session);
}
