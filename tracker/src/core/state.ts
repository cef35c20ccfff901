import type { ErrorCode, PeerKey, SegmentKey } from "@tributary/protocol";
import { type Accounting, createAccounting } from "./accounting/model.ts";
import type { TokenBucket } from "./token-bucket.ts";
import type {
  AddressState,
  RestingRoots,
  Session,
  SessionId,
  Swarm,
  SwarmKey,
  TrackerConfig,
} from "./model.ts";

export interface Counters {
  sessionsOpened: number;
  messagesIn: number;
  bytesIn: number;
  readonly messagesInByType: Map<string, number>;
  readonly refusals: Map<ErrorCode, number>;
  /** Sessions that ended because nothing came from them. */
  timeouts: number;
  introductions: number;
  signalsRelayed: number;
  /** Candidates that were not passed on. */
  candidatesDropped: number;
  reports: number;
  bans: number;
  rootsVerified: number;
  rootsFailed: number;
  rootsQuarantined: number;
  grantsIssued: number;
  statementsStored: number;
  statementsRefused: number;
}

export interface Conflict {
  readonly swarm: SwarmKey;
  readonly segment: SegmentKey;
}

/** Everything the core remembers. One per tracker, owned by `createTrackerCore`. */
export interface TrackerState {
  readonly config: TrackerConfig;
  readonly sessions: Map<SessionId, Session>;
  readonly byPeer: Map<PeerKey, Session>;
  readonly swarmsByTitle: Map<string, Swarm>;
  readonly swarmsByKey: Map<SwarmKey, Swarm>;
  readonly addresses: Map<string, AddressState>;
  readonly accounting: Accounting;
  /** Keys that were caught lying. */
  readonly bannedUntilMs: Map<string, number>;
  /** Of whom the last settlement said that their accounts contradict each other; session keys in hex, both ways. */
  apart: ReadonlyMap<string, ReadonlySet<string>>;
  /** By title, in the order in which their last viewers left. */
  readonly restingRoots: Map<string, RestingRoots>;
  restingRootsCount: number;
  /** What is left of each address's share of candidates. */
  readonly namedAddresses: Map<string, TokenBucket>;
  readonly counters: Counters;
  /** The last few, for the operator. */
  readonly conflicts: Conflict[];
  sweptAtMs: number;
  shuttingDown: boolean;
}

export function createState(config: TrackerConfig): TrackerState {
  return {
    config,
    sessions: new Map(),
    byPeer: new Map(),
    swarmsByTitle: new Map(),
    swarmsByKey: new Map(),
    addresses: new Map(),
    accounting: createAccounting(),
    bannedUntilMs: new Map(),
    apart: new Map(),
    restingRoots: new Map(),
    restingRootsCount: 0,
    namedAddresses: new Map(),
    counters: {
      sessionsOpened: 0,
      messagesIn: 0,
      bytesIn: 0,
      messagesInByType: new Map(),
      refusals: new Map(),
      timeouts: 0,
      introductions: 0,
      signalsRelayed: 0,
      candidatesDropped: 0,
      reports: 0,
      bans: 0,
      rootsVerified: 0,
      rootsFailed: 0,
      rootsQuarantined: 0,
      grantsIssued: 0,
      statementsStored: 0,
      statementsRefused: 0,
    },
    conflicts: [],
    sweptAtMs: 0,
    shuttingDown: false,
  };
}

export function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
