import type { PeerKey, Position, SegmentKey } from "@tributary/protocol";
import { createGoodput, type Goodput } from "../estimate/goodput.ts";
import { type Allowance, createAllowance } from "./allowance.ts";

/** A neighbour's transfer of a segment that it does not hold whole yet. */
export interface PeerProgress {
  availableBytes: number;
  sizeBytes: number;
  sinceMs: number;
}

/** What is known of a connected neighbour. */
export interface Partner {
  readonly peer: PeerKey;
  readonly ticket: number;
  readonly connectedAtMs: number;
  position: Position | null;
  readonly held: Set<SegmentKey>;
  readonly arriving: Map<SegmentKey, PeerProgress>;
  /** It told us that it serves nobody at the moment. */
  choked: boolean;
  readonly goodput: Goodput;
  readonly allowance: Allowance;
  /** Bytes requested from it and not yet received. */
  pendingBytes: number;
  bufferedBytes: number;
  restUntilMs: number;
  /** Broken promises in a row, until a piece of it proves true. */
  silences: number;
  /** The latest requests made to it, ended ones included: late chunks of these are no offence. */
  readonly asked: Set<number>;
  /** LL-HLS tracks whose parts it wants pushed. */
  readonly subscriptions: Set<number>;
  downloadedBytes: number;
  uploadedBytes: number;
}

export type PeerState =
  | { readonly state: "named"; readonly ticket: number }
  | { readonly state: "connecting"; readonly ticket: number; readonly sinceMs: number }
  | { readonly state: "connected"; readonly ticket: number; readonly partner: Partner }
  | { readonly state: "failed"; readonly ticket: number }
  | { readonly state: "banned"; readonly ticket: number };

/** Owns who is known and connected. */
export interface Roster {
  named(peer: PeerKey, ticket: number): void;
  connecting(peer: PeerKey, nowMs: number): void;
  connected(peer: PeerKey, ticket: number, nowMs: number): Partner | null;
  closed(peer: PeerKey): void;
  ban(peer: PeerKey): void;
  isBanned(peer: PeerKey): boolean;
  partner(peer: PeerKey): Partner | undefined;
  partners(): Partner[];
  /** Named by the tracker and not tried yet. */
  untried(): PeerKey[];
  connectingCount(): number;
  /** When the latest connection attempt that is still under way began, null for none. */
  latestAttemptMs(): number | null;
  failedCount(): number;
  forgetAll(): void;
}

/** Peers remembered beyond the connected ones, so that a busy swarm cannot grow the table without end. */
const knownPeersMax = 512;

export function createRoster(): Roster {
  const peers = new Map<PeerKey, PeerState>();
  const ticketOf = (peer: PeerKey) => peers.get(peer)?.ticket ?? 0;
  const select = <S extends PeerState["state"]>(state: S) =>
    [...peers].filter(
      (entry): entry is [PeerKey, Extract<PeerState, { state: S }>] => entry[1].state === state,
    );

  return {
    named(peer, ticket) {
      const known = peers.get(peer);
      if (known !== undefined && known.state !== "failed") return;
      if (known === undefined && peers.size >= knownPeersMax) forgetOldest(peers);
      peers.set(peer, { state: "named", ticket });
    },
    connecting: (peer, nowMs) =>
      void peers.set(peer, { state: "connecting", ticket: ticketOf(peer), sinceMs: nowMs }),
    connected(peer, ticket, nowMs) {
      const known = peers.get(peer);
      if (known?.state === "banned" || known?.state === "connected") return null;
      const partner: Partner = {
        peer,
        ticket: known?.ticket ?? ticket,
        connectedAtMs: nowMs,
        position: null,
        held: new Set(),
        arriving: new Map(),
        choked: false,
        goodput: createGoodput(),
        allowance: createAllowance(nowMs),
        pendingBytes: 0,
        bufferedBytes: 0,
        restUntilMs: 0,
        silences: 0,
        asked: new Set(),
        subscriptions: new Set(),
        downloadedBytes: 0,
        uploadedBytes: 0,
      };
      peers.set(peer, { state: "connected", ticket: partner.ticket, partner });
      return partner;
    },
    closed(peer) {
      const known = peers.get(peer);
      if (known === undefined || known.state === "banned") return;
      if (known.state === "connecting") peers.set(peer, { state: "failed", ticket: known.ticket });
      else peers.delete(peer);
    },
    ban: (peer) => void peers.set(peer, { state: "banned", ticket: ticketOf(peer) }),
    isBanned: (peer) => peers.get(peer)?.state === "banned",
    partner(peer) {
      const known = peers.get(peer);
      return known?.state === "connected" ? known.partner : undefined;
    },
    partners: () => select("connected").map(([, { partner }]) => partner),
    untried: () => select("named").map(([peer]) => peer),
    connectingCount: () => select("connecting").length,
    latestAttemptMs() {
      const since = select("connecting").map(([, { sinceMs }]) => sinceMs);
      return since.length === 0 ? null : Math.max(...since);
    },
    failedCount: () => select("failed").length,
    forgetAll() {
      for (const [peer, known] of peers) if (known.state !== "banned") peers.delete(peer);
    },
  };
}

function forgetOldest(peers: Map<PeerKey, PeerState>): void {
  for (const [peer, known] of peers) {
    if (known.state === "connected" || known.state === "connecting") continue;
    peers.delete(peer);
    return;
  }
}
