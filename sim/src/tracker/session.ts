import {
  encodeDescription,
  PROTOCOL_VERSION,
  peerIdOf,
  segmentKeyOf,
  type TrackerMessage,
} from "@tributary/protocol";
import type { Input, Output } from "@tributary/sdk/core";
import type { EventQueue } from "../event-queue.ts";
import type { MeshMember } from "../network/mesh.ts";
import type { Stream } from "../stream/stream.ts";
import { peerNamed } from "../viewer/peers.ts";
import { sessionKeyOf, type TrackerHost } from "./tracker.ts";

type AskRoots = Extract<Output, { type: "ask-roots" }>;

/** A viewer's session with the tracker: the part of the tracker adapter that the engine sees. */
export interface TrackerSession {
  open(): void;
  announce(wantedPeers: number): void;
  askRoots(segments: AskRoots["segments"]): void;
  signal(to: MeshMember["peer"], kind: "offer" | "answer"): void;
  close(): void;
}

export interface SessionEnvironment {
  readonly queue: EventQueue;
  readonly host: TrackerHost;
  readonly stream: Stream;
  readonly member: MeshMember;
  readonly trackerMs: number;
  /** False makes the tracker switch peer delivery off for everybody. */
  readonly p2pAllowed: boolean;
  input(input: Input): void;
  signalled(from: MeshMember["peer"], kind: "offer" | "answer"): void;
}

const firstWantedPeers = 10;
const signalBody = encodeDescription({
  ufrag: "sim0",
  pwd: "0123456789012345678901",
  fingerprint: new Uint8Array(32),
  setup: "actpass",
  candidates: [],
  maxMessageSize: 262_144,
});

export function createTrackerSession(environment: SessionEnvironment): TrackerSession {
  const { queue, host, member, stream } = environment;
  let id: number | null = null;
  let announceIntervalMs = 20_000;
  let announcedAtMs = 0;
  const keepAlives = { fire: keepAlive };

  const send = (message: Parameters<TrackerHost["send"]>[1]) => {
    if (id !== null) host.send(id, message);
  };

  function join(wantedPeers: number): void {
    announcedAtMs = queue.nowMs();
    send({
      type: "join",
      contentId: "title",
      wantedPeers,
      role: "viewer",
      origins: ["https://cdn.example"],
    });
  }

  function keepAlive(): void {
    if (id === null) return;
    if (queue.nowMs() >= announcedAtMs + announceIntervalMs) join(0);
    queue.at(announcedAtMs + announceIntervalMs, keepAlives, null);
  }

  function receive(message: TrackerMessage): void {
    switch (message.type) {
      case "nonce":
        send({
          type: "hello",
          version: PROTOCOL_VERSION,
          sessionKey: sessionKeyOf(member.peer),
          signature: new Uint8Array(64),
          token: "",
          delegation: new Uint8Array(0),
          resumeTicket: new Uint8Array(0),
          client: "sim",
        });
        return;
      case "welcome":
        announceIntervalMs = message.announceIntervalMs;
        environment.input({
          type: "tracker-ready",
          p2pAllowed: message.p2pAllowed && environment.p2pAllowed,
          verifier: message.verifier,
        });
        join(firstWantedPeers);
        queue.at(queue.nowMs() + announceIntervalMs, keepAlives, null);
        return;
      case "swarm": {
        const { viewerCount, copiesTarget, ticket } = message;
        member.ticket = ticket;
        environment.input({ type: "swarm", viewerCount, copiesTarget, ticket });
        return;
      }
      case "peers": {
        const peers = message.peers.map(({ peer, ticket }) => ({ peer: peerNamed(peer), ticket }));
        environment.input({ type: "peers-named", peers });
        return;
      }
      case "signal":
        if (message.kind !== "candidate") environment.signalled(peerNamed(message.peer), message.kind);
        return;
      case "hashes":
        environment.input({
          type: "roots",
          roots: message.roots.map(({ segment, sizeBytes }) => ({
            segment: segmentKeyOf(segment),
            root: { hash: stream.rootOf(segment.sequence), sizeBytes },
          })),
        });
        return;
      default:
        return;
    }
  }

  return {
    open() {
      id = host.connect({
        peer: member.peer,
        address: member.access.address,
        trackerMs: environment.trackerMs,
        receive,
        lost() {
          id = null;
          environment.input({ type: "tracker-lost" });
        },
      });
    },
    announce: join,
    askRoots(segments) {
      const asked = segments.map(({ id: segment, source }) => ({
        id: segment,
        url: source.url,
        rangeStart: 0,
        rangeLength: 0,
      }));
      send({ type: "hashes", segments: asked });
    },
    signal: (to, kind) => send({ type: "signal", peer: peerIdOf(to), kind, body: signalBody }),
    close() {
      if (id !== null) host.disconnect(id);
      id = null;
    },
  };
}
