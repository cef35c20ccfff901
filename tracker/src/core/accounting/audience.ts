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
}

/** Everybody who watches and could be credited. Whoever is connected counts as watching. */
export function audienceOf(state: TrackerState): Watching[] {
  const watching: Watching[] = [];
  for (const { state: session, network } of state.sessions.values()) {
    if (session.kind !== "joined" || session.membership.role !== "viewer" || !session.identity.signed)
      continue;
    const { sessionKey, admission } = session.identity;
    const publisher = admission?.publisherId ?? OPEN_PUBLISHER;
    watching.push({ swarm: session.membership.swarm.id, publisher, sessionKey, network });
  }
  return watching;
}
