import type { SwarmId } from "@tributary/protocol";
import type { TrackerState } from "../state.ts";
import { OPEN_PUBLISHER } from "./grants.ts";

/** One viewer that watches now. */
export interface Watching {
  readonly swarm: SwarmId;
  readonly publisher: Uint8Array;
  readonly sessionKey: Uint8Array;
  /** Null for loopback. */
  readonly network: string | null;
  /** The title's content id, where that is the URL of a playlist that the tracker may fetch; else null. */
  readonly playlist: string | null;
}

/** Everybody who watches and could be credited. Whoever is connected counts as watching. */
export function audienceOf(state: TrackerState): Watching[] {
  const watching: Watching[] = [];
  const { originOf, originAllowed } = state.config;
  for (const { state: session, network } of state.sessions.values()) {
    if (session.kind !== "joined" || session.membership.role !== "viewer" || !session.identity.signed)
      continue;
    const { sessionKey, admission } = session.identity;
    const publisher = admission?.publisherId ?? OPEN_PUBLISHER;
    const { id: swarm, title } = session.membership.swarm;
    const contentId = title.slice(title.indexOf("\0") + 1);
    const origin = originOf(contentId);
    const mayRead = origin !== null && (originAllowed(origin) || admission?.origins.has(origin) === true);
    watching.push({ swarm, publisher, sessionKey, network, playlist: mayRead ? contentId : null });
  }
  return watching;
}
