import {
  encodeHex,
  type Grant,
  grantMessage,
  linkPreimage,
  peerIdOf,
  type PeerKey,
  peerKeyOf,
  type PeerMessage,
  PROTOCOL_VERSION,
  type RejectReason,
  type SegmentKey,
  segmentKeyOf,
  type SignalKind,
  type TrackerMessage,
} from "@tributary/protocol";
import type { LiarConfig, LiarReport, LieName, LinkEnding } from "../contract.ts";
import { contentLies } from "./content-lies.ts";
import { floods } from "./floods.ts";
import { forgers } from "./forger.ts";
import { freeloaders } from "./freeloader.ts";
import { createIdentity } from "./identity.ts";
import { keyOf, type Lie, pause, type Request, type Stage } from "./lie.ts";
import { type Listed, openMedia } from "./media.ts";
import { protocolLies } from "./protocol-lies.ts";
import { enterSwarm, type TrackerSession } from "./tracker-session.ts";
import { createWire, type Wire } from "./wire.ts";

export interface Liar {
  turn(): void;
  report(): LiarReport;
}

const LIES: Readonly<Record<LieName, Lie>> = {
  ...contentLies,
  ...protocolLies,
  ...floods,
  ...freeloaders,
  ...forgers,
};
/** Sooner than any player looks at its live playlist again. */
const REFRESH_MS = 250;
/** The first two pieces of whatever it is. */
const CLAIMED_HALF = { pieces: new Uint8Array([3]) };

/** A peer that comes to the swarm like any viewer, and never plays. */
export async function createLiar(config: LiarConfig): Promise<Liar> {
  const lie = LIES[config.lie];
  const identity = await createIdentity();
  const media = await openMedia(config.stream);
  const wires = new Map<PeerKey, Wire>();
  const linked = new Set<PeerKey>();
  const endings: LinkEnding[] = [];
  const asked = new Set<SegmentKey>();
  const rootSizes = new Map<SegmentKey, number>();
  const grants: Grant[] = [];
  const refusals: Partial<Record<RejectReason, number>> = {};
  const chokes: boolean[] = [];
  let takenBytes = 0;
  let liesTold = 0;
  let ticket = 0;
  let linksBegun = 0;
  let turns = 0;
  let cameBack = false;

  function open(peer: PeerKey, initiator: boolean, session: TrackerSession): Wire {
    linksBegun += 1;
    const cancelled = new Set<number>();
    let wanted = 0;
    let before = Promise.resolve();
    let tell: (message: PeerMessage) => void = () => {};
    const stage: Stage = {
      get wire() {
        return wire;
      },
      media,
      identity,
      grants: () => grants,
      listen: (heard) => void (tell = heard),
      lied: () => void (liesTold += 1),
      isCancelled: (requestId) => cancelled.has(requestId),
      wanted: () => wanted,
      turns: () => turns,
      rootSizeBytes: (key) => rootSizes.get(key) ?? null,
      inTurn: (work) => (before = before.then(work)),
    };
    const wire = createWire(peer, initiator, {
      signal: (kind, body) => session.send({ type: "signal", peer: peerIdOf(peer), kind, body }),
      async hello(own, other) {
        const honest = {
          type: "hello",
          version: PROTOCOL_VERSION,
          sessionKey: identity.sessionKey,
          ticket,
          signature: await identity.sign(linkPreimage(own, other)),
          uploads: true,
        } as const;
        if (lie.hello === undefined) return honest;
        stage.lied();
        return lie.hello(honest, own, other, identity);
      },
      greeted() {
        linked.add(peer);
        claim(wire);
        void lie.begin?.(stage);
      },
      message(message) {
        if (message.type === "bitfield" || message.type === "have") wanted = message.position.wanted;
        if (message.type === "cancel") cancelled.add(message.requestId);
        if (message.type === "request") answer(stage, message);
        if (message.type === "reject") refusals[message.reason] = (refusals[message.reason] ?? 0) + 1;
        if (message.type === "choke") chokes.push(message.choked);
        if (message.type === "piece") takenBytes += message.data.length;
        tell(message);
      },
      closed(reason) {
        wires.delete(peer);
        linked.delete(peer);
        endings.push({ peer, reason });
        if (!config.comesBack || cameBack) return;
        cameBack = true;
        open(peer, true, session);
      },
    });
    wires.set(peer, wire);
    return wire;
  }

  function claim({ send }: Wire): void {
    const ids = media.listed.map(({ id }) => id);
    send({ type: "bitfield", position: position(), segments: lie.claims === "everything" ? ids : [] });
    if (lie.claims === "halves")
      for (const segment of ids) send({ type: "progress", segment, ...CLAIMED_HALF });
  }

  function toVerify(segment: Listed) {
    return { id: segment.id, url: lie.urlToVerify!(media, segment), rangeStart: 0, rangeLength: 0 };
  }

  function position() {
    const last = media.listed.at(-1)!.id;
    const wanted = last.sequence + 1;
    return { track: last.track, audioTrack: 0, wanted, audioWanted: 0, positionMs: 0, uplinkClass: 8 };
  }

  function answer(stage: Stage, request: Request): void {
    asked.add(keyOf(request));
    const segment = media.find(keyOf(request));
    if (segment !== undefined) void lie.answer?.(stage, request, segment);
  }

  function wants(peer: PeerKey): boolean {
    return linksBegun < config.victimsMax && (config.victim === null || config.victim === peer);
  }

  function hear(message: TrackerMessage, session: TrackerSession): void {
    if (message.type === "swarm") ticket = message.ticket;
    if (message.type === "hashes")
      for (const { segment, sizeBytes } of message.roots) rootSizes.set(segmentKeyOf(segment), sizeBytes);
    if (message.type === "peers") grants.push(...message.grants.map(grantOf));
    if (message.type === "peers" && config.offers)
      for (const { peer } of message.peers) if (wants(peerKeyOf(peer))) open(peerKeyOf(peer), true, session);
    if (message.type === "signal") signalled(peerKeyOf(message.peer), message.kind, message.body, session);
  }

  function signalled(peer: PeerKey, kind: SignalKind, body: Uint8Array, session: TrackerSession): void {
    if (kind === "offer" && !wires.has(peer) && wants(peer)) open(peer, false, session);
    wires.get(peer)?.signal(kind, body);
  }

  async function keepUp(): Promise<never> {
    for (;;) {
      await pause(REFRESH_MS);
      const added = (await media.refresh()).map(({ id }) => id);
      if (added.length === 0) continue;
      for (const peer of linked) {
        const { send } = wires.get(peer)!;
        if (lie.claims === "everything") send({ type: "have", position: position(), added, removed: [] });
        if (lie.claims === "halves")
          for (const segment of added) send({ type: "progress", segment, ...CLAIMED_HALF });
      }
    }
  }

  const session = await enterSwarm(config.tracker, config.contentId, identity, hear);
  if (lie.urlToVerify !== undefined) session.send({ type: "hashes", segments: media.listed.map(toVerify) });
  void keepUp();
  return {
    turn: () => void (turns += 1),
    report: () => ({
      lie: config.lie,
      peer: identity.peer,
      linked: [...linked],
      liesTold,
      segmentsAsked: asked.size,
      takenBytes,
      refusals,
      chokes,
      grants: grants.map(({ grantId }) => encodeHex(grantId)),
      endings,
    }),
  };
}

function grantOf(sealed: Uint8Array): Grant {
  const parsed = grantMessage.parse(sealed);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}
