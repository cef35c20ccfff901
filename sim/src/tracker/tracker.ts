import {
  peerIdOf,
  segmentKeyOf,
  type ClientMessage,
  type PeerKey,
  type TrackerMessage,
} from "@tributary/protocol";
import { createTrackerCore, type Input, type Output } from "@tributary/tracker/core";
import type { EventQueue } from "../event-queue.ts";
import type { Cdn } from "../network/cdn.ts";
import type { Random } from "../random.ts";
import type { Stream } from "../stream/stream.ts";

/** One viewer as the tracker's host sees it. */
export interface TrackerClient {
  readonly peer: PeerKey;
  readonly address: string;
  /** One way. */
  readonly trackerMs: number;
  receive(message: TrackerMessage): void;
  lost(): void;
}

export interface TrackerHost {
  connect(client: TrackerClient): number;
  send(session: number, message: ClientMessage): void;
  disconnect(session: number): void;
}

/** Wall time, as the tracker's core counts it, when the simulation begins. */
const epochMs = 1_700_000_000_000;
/** Sizes matter to the limits alone; these are what the messages of a viewer come to on the wire. */
const messageBytes = 200;

/** Runs the tracker's own core on the simulated clock. */
export function createTrackerHost(queue: EventQueue, random: Random, cdn: Cdn, stream: Stream): TrackerHost {
  const core = createTrackerCore({
    trackerId: new Uint8Array(32),
    open: true,
    verifier: !stream.rootsInPlaylist,
    iceServersFor: () => [],
    turnBlocks: [],
    random: () => random.next(),
    swarmIdOf: () => new Uint8Array(32).fill(1),
    contentHashOf: () => new Uint8Array(32),
    nameDigestOf: () => new Uint8Array(32),
    originOf: (url) => /^https?:\/\/[^/?#]+/.exec(url)?.[0] ?? null,
    isSourceOf: () => true,
    originAllowed: () => true,
    accounting: null,
  });
  const clients = new Map<number, TrackerClient>();
  let session = 0;
  let wakeAtMs = Infinity;
  const inputs = { fire: handle };
  const deliveries = {
    fire: ({ to, message }: { to: number; message: TrackerMessage }) => clients.get(to)?.receive(message),
  };
  const wakes = {
    fire() {
      wakeAtMs = Infinity;
      handle({ type: "tick" });
    },
  };

  function handle(input: Input): void {
    const out: Output[] = [];
    // Whole milliseconds: fractions would be lost on such a large number, and a deadline missed by them.
    core.handle(input, epochMs + Math.floor(queue.nowMs()), out);
    for (const output of out) perform(output);
    const next = core.nextDeadlineMs();
    if (next === null || next - epochMs >= wakeAtMs) return;
    wakeAtMs = next - epochMs;
    queue.at(wakeAtMs, wakes, null);
  }

  function tell(to: number, message: TrackerMessage): void {
    const client = clients.get(to);
    if (client !== undefined) queue.at(queue.nowMs() + client.trackerMs, deliveries, { to, message });
  }

  function perform(output: Output): void {
    switch (output.type) {
      case "send":
        tell(output.session, output.message);
        return;
      case "send-roots":
        for (const to of output.sessions)
          tell(to, { type: "hashes", roots: [...output.roots], signature: new Uint8Array(64) });
        return;
      case "close": {
        const client = clients.get(output.session);
        clients.delete(output.session);
        client?.lost();
        return;
      }
      case "check-hello": {
        const peer = output.hello.sessionKey.subarray(0, 16);
        handle({ type: "hello-checked", session: output.session, verdict: { kind: "signed", peer } });
        return;
      }
      case "verify-segment": {
        const { swarm, segment, name } = output;
        const { sequence } = segment;
        queue.at(cdn.verify(sequence), inputs, {
          type: "segment-verified",
          swarm,
          segment: segmentKeyOf(segment),
          name,
          result: { ok: true, sizeBytes: stream.sizeOf(sequence), root: new Uint8Array(32) },
        } as const);
        return;
      }
    }
  }

  return {
    connect(client) {
      const id = ++session;
      clients.set(id, client);
      queue.at(queue.nowMs() + 3 * client.trackerMs, inputs, {
        type: "opened",
        session: id,
        address: client.address,
        nonce: new Uint8Array(32),
      });
      return id;
    },
    send(id, message) {
      const client = clients.get(id);
      if (client === undefined) return;
      const input = { type: "message", session: id, message, sizeBytes: messageBytes } as const;
      queue.at(queue.nowMs() + client.trackerMs, inputs, input);
    },
    disconnect(id) {
      const client = clients.get(id);
      if (client === undefined) return;
      clients.delete(id);
      queue.at(queue.nowMs() + client.trackerMs, inputs, { type: "closed", session: id });
    },
  };
}

/** A session key whose peer id is known beforehand: the host takes its first half for the digest. */
export function sessionKeyOf(peer: PeerKey): Uint8Array {
  const key = new Uint8Array(32);
  key.set(peerIdOf(peer));
  return key;
}
