import type { PeerKey, Position, SegmentKey } from "@tributary/protocol";
import { createGoodput, type Goodput } from "../estimate/goodput.ts";
import { askedMax, partedRestMs } from "../limits.ts";
import { type Allowance, createAllowance } from "./allowance.ts";
import { createRecentIds, type RecentIds } from "./recent-ids.ts";

/** A neighbour's transfer of a segment that it does not hold whole yet. */
export interface PeerProgress {
  /** Which pieces can be had there, as in PROGRESS; none yet is a claim. */
  pieces: Uint8Array;
  /** When it last had something new to say: a claim that stays empty dies. */
  gainedAtMs: number;
}

/** What is known of a connected neighbour. */
export interface Partner {
  readonly peer: PeerKey;
  readonly ticket: number;
  position: Position | null;
  readonly held: Set<SegmentKey>;
  readonly arriving: Map<SegmentKey, PeerProgress>;
  /** It told us that it serves nobody at the moment. */
  choked: boolean;
  readonly goodput: Goodput;
  readonly allowance: Allowance;
  /** Requests made to it and not answered yet, and their bytes. */
  pendingCount: number;
  pendingBytes: number;
  /** When it last brought a byte, and when it last completed a piece: the clocks of silence and of goodput. */
  heardMediaAtMs: number;
  pieceEndedAtMs: number;
  /** What waits in the channel to it, and when that last became less. */
  bufferedBytes: number;
  drainedAtMs: number;
  restUntilMs: number;
  /** Broken promises in a row, until a piece of it proves true. */
  silences: number;
  /** The latest requests made to it, ended ones included: late chunks of these are no offence. */
  readonly asked: RecentIds<number>;
  downloadedBytes: number;
  uploadedBytes: number;
}

export type PeerState =
  | { readonly state: "named"; readonly ticket: number }
  | { readonly state: "connecting"; readonly ticket: number }
  | { readonly state: "connected"; readonly ticket: number; readonly partner: Partner }
  | { readonly state: "failed"; readonly ticket: number }
  | { readonly state: "parted"; readonly ticket: number; readonly atMs: number }
  | { readonly state: "banned"; readonly ticket: number };

/** Owns who is known and connected. */
export interface Roster {
  named(peer: PeerKey, ticket: number): void;
  connecting(peer: PeerKey): void;
  connected(peer: PeerKey, ticket: number, nowMs: number): Partner | null;
  closed(peer: PeerKey, nowMs: number): void;
  /** Whoever parted first, and long enough ago, may be tried again. */
  recall(nowMs: number): void;
  ban(peer: PeerKey): void;
  isBanned(peer: PeerKey): boolean;
  partner(peer: PeerKey): Partner | undefined;
  partners(): readonly Partner[];
  /** Named by the tracker and not tried yet. */
  untried(): readonly PeerKey[];
  connectingCount(): number;
  failedCount(): number;
}

/** Peers remembered beyond the connected ones, so that a busy swarm cannot grow the table without end. */
const knownPeersMax = 512;

export function createRoster(): Roster {
  const peers = new Map<PeerKey, PeerState>();
  /** Asked for with every message. */
  const connected = new Map<PeerKey, Partner>();
  const ticketOf = (peer: PeerKey) => peers.get(peer)?.ticket ?? 0;
  /** Lists are asked for at every turn and change seldom. */
  const listed = {
    partners: [] as Partner[],
    untried: [] as PeerKey[],
    connecting: 0,
    failed: 0,
    stale: false,
  };
  const set = (peer: PeerKey, state: PeerState) => {
    if (!peers.has(peer) && peers.size >= knownPeersMax) forgetOldest(peers);
    peers.set(peer, state);
    if (state.state === "connected") connected.set(peer, state.partner);
    else connected.delete(peer);
    listed.stale = true;
  };
  const lists = () => {
    if (!listed.stale) return listed;
    Object.assign(listed, { partners: [], untried: [], connecting: 0, failed: 0, stale: false });
    for (const [peer, known] of peers) {
      if (known.state === "connected") listed.partners.push(known.partner);
      else if (known.state === "named") listed.untried.push(peer);
      else if (known.state === "connecting") listed.connecting += 1;
      else if (known.state === "failed") listed.failed += 1;
    }
    return listed;
  };

  return {
    named(peer, ticket) {
      const known = peers.get(peer);
      if (known !== undefined && known.state !== "failed" && known.state !== "parted") return;
      set(peer, { state: "named", ticket });
    },
    connecting: (peer) => set(peer, { state: "connecting", ticket: ticketOf(peer) }),
    connected(peer, ticket, nowMs) {
      const known = peers.get(peer);
      if (known?.state === "banned" || known?.state === "connected") return null;
      const partner: Partner = {
        peer,
        ticket: known?.ticket ?? ticket,
        position: null,
        held: new Set(),
        arriving: new Map(),
        choked: false,
        goodput: createGoodput(),
        allowance: createAllowance(nowMs),
        pendingCount: 0,
        pendingBytes: 0,
        heardMediaAtMs: nowMs,
        pieceEndedAtMs: nowMs,
        bufferedBytes: 0,
        drainedAtMs: nowMs,
        restUntilMs: 0,
        silences: 0,
        asked: createRecentIds(askedMax),
        downloadedBytes: 0,
        uploadedBytes: 0,
      };
      set(peer, { state: "connected", ticket: partner.ticket, partner });
      return partner;
    },
    closed(peer, nowMs) {
      const known = peers.get(peer);
      if (known === undefined || known.state === "banned") return;
      const { state, ticket } = known;
      peers.delete(peer);
      set(
        peer,
        state === "connecting" ? { state: "failed", ticket } : { state: "parted", ticket, atMs: nowMs },
      );
    },
    recall(nowMs) {
      for (const [peer, known] of peers) {
        if (known.state !== "parted") continue;
        if (known.atMs + partedRestMs <= nowMs) set(peer, { state: "named", ticket: known.ticket });
        return;
      }
    },
    ban: (peer) => set(peer, { state: "banned", ticket: ticketOf(peer) }),
    isBanned: (peer) => peers.get(peer)?.state === "banned",
    partner: (peer) => connected.get(peer),
    partners: () => lists().partners,
    untried: () => lists().untried,
    connectingCount: () => lists().connecting,
    failedCount: () => lists().failed,
  };
}

function forgetOldest(peers: Map<PeerKey, PeerState>): void {
  for (const [peer, known] of peers) {
    if (known.state === "connected" || known.state === "connecting") continue;
    peers.delete(peer);
    return;
  }
}
