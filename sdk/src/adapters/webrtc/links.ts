import type { PeerKey, PeerMessage, PeerMessageOf, SignalKind } from "@tributary/protocol";
import type { Clock } from "../../driver-contract.ts";
import { createHeldSignals } from "./held-signals.ts";
import { createLink, type InboundMessage, type Link, type LinkEnvironment } from "./link.ts";
import type { MediaRange } from "./sender.ts";

export interface LinksEnvironment {
  readonly clock: Clock;
  readonly policy: RTCIceTransportPolicy;
  readonly self: PeerKey;
  readonly read: LinkEnvironment["read"];
  readonly hello: LinkEnvironment["hello"];
  /** Why this HELLO does not come from `peer`, null where it does. */
  objection(
    peer: PeerKey,
    hello: PeerMessageOf<"hello">,
    otherFingerprint: Uint8Array,
    ownFingerprint: Uint8Array,
  ): Promise<string | null>;
}

/** `closed` follows every `connected`, and every `connect()` that comes to nothing. */
export interface LinksHandlers {
  signal(peer: PeerKey, kind: SignalKind, body: Uint8Array): void;
  connected(peer: PeerKey, ticket: number): void;
  message(peer: PeerKey, message: InboundMessage): void;
  chunk(peer: PeerKey, piece: PeerMessageOf<"piece">): void;
  buffered(peer: PeerKey, bufferedBytes: number): void;
  garbage(peer: PeerKey, reason: string): void;
  /** The browser makes no connection at all with what it was given. */
  refused(reason: string): void;
  closed(peer: PeerKey, reason: string): void;
}

/** All connections of one engine, one per peer. */
export interface Links {
  /** Makes an offer, unless the other side already made one. */
  connect(peer: PeerKey): void;
  /** From the tracker. Held back until `admit(true)`: startup is for the first segment alone. */
  signal(peer: PeerKey, kind: SignalKind, body: Uint8Array): void;
  /** Whether offers of others are answered from now on. */
  admit(open: boolean): void;
  iceServers(servers: RTCIceServer[]): void;
  send(peer: PeerKey, message: PeerMessage): void;
  sendMedia(peer: PeerKey, range: MediaRange): void;
  close(peer: PeerKey, reason: string): void;
  closeAll(reason: string): void;
  rttMs(peer: PeerKey): number | null;
  destroy(): void;
}

/** The core keeps fewer; this only bounds what a flood of offers can make us hold at a time. */
const linksMax = 24;
const sweepMs = 500;
/** A sweep this late means that the page was frozen or its timers were held back. */
const frozenAfterMs = 2_000;

interface Entry {
  readonly link: Link;
  /** The core waits to hear how this ends. */
  awaited: boolean;
}

export function createLinks(environment: LinksEnvironment, handlers: LinksHandlers): Links {
  const { clock, self } = environment;
  const links = new Map<PeerKey, Entry>();
  const heldSignals = createHeldSignals(clock);
  let servers: RTCIceServer[] = [];
  let admitting = false;
  let destroyed = false;
  let callOffSweep: (() => void) | null = null;

  function start(peer: PeerKey, initiator: boolean, awaited: boolean): Link {
    const link = createLink(
      initiator,
      {
        clock,
        policy: environment.policy,
        iceServers: servers,
        read: environment.read,
        hello: environment.hello,
        objection: (hello, other, own) => environment.objection(peer, hello, other, own),
      },
      {
        signal: (kind, body) => handlers.signal(peer, kind, body),
        connected(ticket) {
          entry.awaited = true;
          handlers.connected(peer, ticket);
        },
        message: (message) => handlers.message(peer, message),
        chunk: (piece) => handlers.chunk(peer, piece),
        buffered: (bytes) => handlers.buffered(peer, bytes),
        garbage: (reason) => handlers.garbage(peer, reason),
        refused: (reason) => handlers.refused(reason),
        closed(reason) {
          if (links.get(peer) === entry) links.delete(peer);
          if (entry.awaited) handlers.closed(peer, reason);
        },
      },
    );
    const entry: Entry = { link, awaited };
    links.set(peer, entry);
    sweepLater();
    return link;
  }

  function sweepLater(): void {
    if (callOffSweep !== null) return;
    const dueMs = clock.now() + sweepMs;
    callOffSweep = clock.after(sweepMs, () => {
      callOffSweep = null;
      const nowMs = clock.now();
      const frozen = nowMs - dueMs > frozenAfterMs;
      for (const { link } of [...links.values()]) {
        if (frozen) link.forgive(nowMs);
        link.check(nowMs);
      }
      if (links.size > 0) sweepLater();
    });
  }

  function offered(peer: PeerKey, body: Uint8Array): void {
    const known = links.get(peer);
    if (known === undefined) {
      if (links.size < linksMax) start(peer, false, false).signal("offer", body);
      return;
    }
    // Glare: the offer of the lower id stands, and the other side comes to the same conclusion.
    if (!known.link.settled() && self < peer) return;
    const { awaited } = known;
    const wasOpen = known.link.open();
    known.link.discard();
    links.delete(peer);
    // A peer that offers anew has lost the old link, whatever it looks like from here.
    if (wasOpen) handlers.closed(peer, "replaced by a new connection");
    start(peer, false, awaited && !wasOpen).signal("offer", body);
  }

  function signal(peer: PeerKey, kind: SignalKind, body: Uint8Array): void {
    if (destroyed) return;
    if (kind === "offer") {
      if (admitting) offered(peer, body);
      else heldSignals.hold(peer, kind, body);
      return;
    }
    const known = links.get(peer);
    if (known !== undefined) known.link.signal(kind, body);
    else if (!admitting) heldSignals.hold(peer, kind, body);
  }

  function closeAll(reason: string): void {
    for (const { link } of [...links.values()]) link.close(reason);
  }

  return {
    connect(peer) {
      if (destroyed) return;
      const known = links.get(peer);
      if (known !== undefined) {
        known.awaited = true;
        return;
      }
      start(peer, true, true);
    },
    signal,
    admit(open) {
      admitting = open;
      if (!open) return;
      for (const held of heldSignals.release()) signal(held.peer, held.kind, held.body);
    },
    iceServers: (list) => void (servers = list),
    send: (peer, message) => links.get(peer)?.link.send(message),
    sendMedia: (peer, range) => links.get(peer)?.link.sendMedia(range),
    close: (peer, reason) => links.get(peer)?.link.close(reason),
    closeAll,
    rttMs: (peer) => links.get(peer)?.link.rttMs() ?? null,
    destroy() {
      destroyed = true;
      closeAll("the engine was destroyed");
      callOffSweep?.();
      callOffSweep = null;
    },
  };
}
