import type { ErrorCode, SegmentKey } from "@tributary/protocol";
import type { SessionState } from "./model.ts";
import type { TrackerState } from "./state.ts";

export interface SwarmStats {
  /** The first eight digits of the swarm's id: enough to tell swarms apart, too little to name one. */
  readonly swarm: string;
  readonly viewers: number;
  readonly seeders: number;
  readonly rootsKnown: number;
}

export interface CoreStats {
  readonly sessions: Readonly<Record<SessionState["kind"], number>>;
  readonly sessionsOpened: number;
  readonly swarms: readonly SwarmStats[];
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly messagesInByType: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly timeouts: number;
  readonly introductions: number;
  readonly signalsRelayed: number;
  readonly accounting: {
    readonly grantsIssued: number;
    readonly statementsStored: number;
    readonly statementsRefused: number;
  };
  readonly candidatesDropped: number;
  readonly reports: number;
  readonly bans: number;
  readonly roots: {
    readonly verified: number;
    readonly failed: number;
    readonly quarantined: number;
    /** Of titles that nobody watches right now. */
    readonly resting: number;
    readonly lastConflicts: readonly { readonly swarm: string; readonly segment: SegmentKey }[];
  };
}

const shortSwarm = (key: string) => key.slice(0, 8);

export function statsOf(state: TrackerState): CoreStats {
  const { counters } = state;
  const sessions = { "awaiting-hello": 0, "checking-hello": 0, admitted: 0, joined: 0 };
  for (const session of state.sessions.values()) sessions[session.state.kind]++;
  const swarms = [...state.swarmsByKey.values()].map(({ key, members, viewerCount, roots }) => ({
    swarm: shortSwarm(key),
    viewers: viewerCount,
    seeders: members.size - viewerCount,
    rootsKnown: [...roots.values()].filter((entry) => entry.state.kind === "known").length,
  }));
  return {
    sessions,
    sessionsOpened: counters.sessionsOpened,
    swarms,
    messagesIn: counters.messagesIn,
    bytesIn: counters.bytesIn,
    messagesInByType: Object.fromEntries(counters.messagesInByType),
    refusals: Object.fromEntries(counters.refusals),
    timeouts: counters.timeouts,
    introductions: counters.introductions,
    signalsRelayed: counters.signalsRelayed,
    accounting: {
      grantsIssued: counters.grantsIssued,
      statementsStored: counters.statementsStored,
      statementsRefused: counters.statementsRefused,
    },
    candidatesDropped: counters.candidatesDropped,
    reports: counters.reports,
    bans: counters.bans,
    roots: {
      verified: counters.rootsVerified,
      failed: counters.rootsFailed,
      quarantined: counters.rootsQuarantined,
      resting: state.restingRootsCount,
      lastConflicts: state.conflicts.map(({ swarm, segment }) => ({ swarm: shortSwarm(swarm), segment })),
    },
  };
}
