import type { PeerKey } from "@tributary/protocol";
import type { Input } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
import type { Watch } from "../probe.ts";
import { Channel, closeChannel, type LinkEnd } from "./links.ts";
import { canConnect, oneWayMs } from "./population.ts";

/** A viewer as the mesh sees it. */
export interface MeshMember extends LinkEnd {
  readonly links: Map<PeerKey, Link>;
  /** Whether offers are answered: not before playback has begun. */
  admitting: boolean;
  readonly heldOffers: { readonly from: PeerKey; readonly atMs: number }[];
  ticket: number;
  gone: boolean;
  /** Through the tracker. */
  signal(to: PeerKey, kind: "offer" | "answer"): void;
}

/** A connection between two viewers, from the offer on. */
export interface Link {
  readonly offerer: MeshMember;
  /** Null until it has answered. */
  answerer: MeshMember | null;
  state: "signalling" | "open" | "closed";
  /** Whether the answerer's engine asked for this connection as well. */
  answererAwaits: boolean;
  fromOfferer: Channel | null;
  fromAnswerer: Channel | null;
}

/** All connections between viewers. */
export interface Mesh {
  join(member: MeshMember): void;
  connect(member: MeshMember, peer: PeerKey): void;
  signalled(member: MeshMember, from: PeerKey, kind: "offer" | "answer"): void;
  /** Startup is over: offers are answered from now on. */
  admit(member: MeshMember): void;
  close(member: MeshMember, peer: PeerKey, reason: string): void;
  /** Without a word where it is abrupt: the others notice by PING. */
  leave(member: MeshMember, abrupt: boolean): void;
  channelTo(member: MeshMember, peer: PeerKey): Channel | null;
  /** Those it has an open connection to. */
  neighboursOf(member: MeshMember): MeshMember[];
}

/** As in the WebRTC adapter. */
const handshakeMaxMs = 10_000;
const offerFreshMs = 8_000;
const silenceNoticedMs = 5_000;
/** Candidate gathering and the browser's own slowness, beside the round trips of ICE, DTLS and HELLO. */
const setupMs = 120;
const setupRoundTrips = 4;

export function createMesh(queue: EventQueue, watch: Watch): Mesh {
  const members = new Map<PeerKey, MeshMember>();
  const timeouts = { fire: timedOut };
  const openings = { fire: open };
  const farewells = { fire: noticed };

  const otherOf = (link: Link, member: MeshMember) =>
    link.offerer === member ? link.answerer : link.offerer;

  function start(member: MeshMember, peer: PeerKey): void {
    const link: Link = {
      offerer: member,
      answerer: null,
      state: "signalling",
      answererAwaits: false,
      fromOfferer: null,
      fromAnswerer: null,
    };
    member.links.set(peer, link);
    member.signal(peer, "offer");
    queue.at(queue.nowMs() + handshakeMaxMs, timeouts, { link, peer });
  }

  function timedOut({ link, peer }: { link: Link; peer: PeerKey }): void {
    if (link.state !== "signalling") return;
    link.state = "closed";
    const { offerer, answerer } = link;
    watch.linkFailed(offerer.index);
    const reason = "not connected within 10 s";
    end(offerer, peer, link, { type: "peer-closed", peer, reason });
    if (answerer === null) return;
    const closed = { type: "peer-closed", peer: offerer.peer, reason } as const;
    end(answerer, offerer.peer, link, link.answererAwaits ? closed : null);
  }

  /** Forgets the link at one end, unless another has taken its place. */
  function end(member: MeshMember, peer: PeerKey, link: Link, input: Input | null): void {
    if (member.links.get(peer) !== link) return;
    member.links.delete(peer);
    if (input !== null) member.input(input);
  }

  function offered(member: MeshMember, from: PeerKey): void {
    const own = member.links.get(from);
    const offerer = members.get(from);
    const link = offerer?.links.get(member.peer);
    if (link === undefined || link.offerer !== offerer || link.state !== "signalling") return;
    let awaited = false;
    if (own !== undefined) {
      if (own === link) return;
      // Glare: the offer of the lower id stands, and both sides know which one that is.
      if (own.state === "signalling" && member.peer < from) return;
      awaited = own.state === "signalling";
      if (own.state === "open") shut(own, member, from, "replaced by a new connection");
      own.state = "closed";
      member.links.delete(from);
    }
    link.answerer = member;
    link.answererAwaits = awaited;
    member.links.set(from, link);
    member.signal(from, "answer");
  }

  function answered(member: MeshMember, from: PeerKey): void {
    const link = member.links.get(from);
    if (link === undefined || link.offerer !== member || link.answerer === null) return;
    if (link.state !== "signalling" || !canConnect(member.access, link.answerer.access)) return;
    const roundTripMs = 2 * oneWayMs(member.access, link.answerer.access);
    queue.at(queue.nowMs() + setupMs + setupRoundTrips * roundTripMs, openings, link);
  }

  function open(link: Link): void {
    const { offerer, answerer } = link;
    if (link.state !== "signalling" || answerer === null || offerer.gone || answerer.gone) return;
    link.state = "open";
    link.fromOfferer = new Channel(offerer, answerer, queue);
    link.fromAnswerer = new Channel(answerer, offerer, queue);
    watch.linked(offerer.index, queue.nowMs());
    watch.linked(answerer.index, queue.nowMs());
    offerer.input({ type: "peer-connected", peer: answerer.peer, ticket: answerer.ticket });
    answerer.input({ type: "peer-connected", peer: offerer.peer, ticket: offerer.ticket });
  }

  function shut(link: Link, member: MeshMember, peer: PeerKey, reason: string): void {
    link.state = "closed";
    if (link.fromOfferer !== null) closeChannel(link.fromOfferer);
    if (link.fromAnswerer !== null) closeChannel(link.fromAnswerer);
    end(member, peer, link, { type: "peer-closed", peer, reason });
    const other = otherOf(link, member);
    if (other === null) return;
    const atMs = queue.nowMs() + oneWayMs(member.access, other.access);
    queue.at(atMs, farewells, { link, member: other, peer: member.peer, reason });
  }

  function noticed(news: { link: Link; member: MeshMember; peer: PeerKey; reason: string }): void {
    const { link, member, peer, reason } = news;
    const own = link.offerer === member ? link.fromOfferer : link.fromAnswerer;
    if (own !== null) closeChannel(own);
    link.state = "closed";
    end(member, peer, link, { type: "peer-closed", peer, reason });
  }

  return {
    join: (member) => void members.set(member.peer, member),
    connect(member, peer) {
      const known = member.links.get(peer);
      if (known === undefined) start(member, peer);
      else if (known.answerer === member) known.answererAwaits = true;
    },
    signalled(member, from, kind) {
      if (member.gone) return;
      if (kind === "answer") answered(member, from);
      else if (member.admitting) offered(member, from);
      else member.heldOffers.push({ from, atMs: queue.nowMs() });
    },
    admit(member) {
      if (member.admitting) return;
      member.admitting = true;
      for (const { from, atMs } of member.heldOffers.splice(0)) {
        if (queue.nowMs() - atMs < offerFreshMs) offered(member, from);
      }
    },
    close(member, peer, reason) {
      const link = member.links.get(peer);
      if (link !== undefined) shut(link, member, peer, reason);
    },
    leave(member, abrupt) {
      member.gone = true;
      members.delete(member.peer);
      for (const link of member.links.values()) {
        const own = link.offerer === member ? link.fromOfferer : link.fromAnswerer;
        if (own !== null) closeChannel(own);
        const other = otherOf(link, member);
        if (other === null) continue;
        const delayMs = abrupt ? silenceNoticedMs : oneWayMs(member.access, other.access);
        const reason = abrupt ? "no answer to PING" : "it left";
        queue.at(queue.nowMs() + delayMs, farewells, { link, member: other, peer: member.peer, reason });
      }
      member.links.clear();
    },
    channelTo(member, peer) {
      const link = member.links.get(peer);
      if (link?.state !== "open") return null;
      return link.offerer === member ? link.fromOfferer : link.fromAnswerer;
    },
    neighboursOf: (member) =>
      [...member.links.values()].flatMap((link) => {
        const other = link.state === "open" ? otherOf(link, member) : null;
        return other === null ? [] : [other];
      }),
  };
}
