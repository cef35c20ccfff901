import { createHash } from "node:crypto";
import { decodePeerMessage, type PeerKey, peerKeyOf } from "@tributary/protocol";
import { createDigests, type Digests } from "../adapters/crypto/digest.ts";
import { createHostileEngine } from "./hostile-engine.ts";
import { createFilm } from "./hostile-film.ts";
import type { Kind } from "./hostile-lies.ts";
import {
  createLiar,
  createWitness,
  falseBytesIn,
  type Neighbour,
  type Relayed,
} from "./hostile-neighbours.ts";
import { createVirtualTime } from "./virtual-time.ts";

/**
 * Hostile segments, by the thousand, against the engine as it ships: its core, run loop, segment store, digests and
 * fetches. Liars surround one viewer; each that it parts with is followed by another. What is not real is time, which
 * jumps, and the channel: frames are encoded and decoded, and handed over in the process instead of by WebRTC.
 */
export interface HostileRun {
  readonly kind: Kind;
  readonly seed: number;
  /** False: whatever is asked of the digests holds. */
  readonly defended: boolean;
  readonly segmentsMin: number;
}

export interface HostileTally {
  readonly kind: Kind;
  /** Segments for which a liar sent false bytes or a false list, each liar's counted once. */
  hostileSegments: number;
  viewers: number;
  delivered: { segments: number; bytes: number; falseBytes: number };
  readonly relayed: Relayed;
  /** Liars that the viewer parted with. */
  expelled: number;
}

const SEGMENTS_PER_FILM = 40;
const LIARS = 3;
const linkMs = 5;
/** Until another liar takes the place of one that was found out. */
const nextLiarMs = 800;
/** Of the engine's time; the film has 160 s. */
const filmMaxMs = 600_000;

/** SHA-256 in the same turn, so that time knows when nothing is being worked out. */
const subtle = {
  digest: async (_: string, data: Uint8Array) =>
    new Uint8Array(createHash("sha256").update(data).digest()).buffer,
} as unknown as SubtleCrypto;

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const believing = (digests: Digests): Digests => ({
  ...digests,
  checkList: async () => true,
  checkPiece: async () => true,
});

export async function offerHostileSegments(run: HostileRun): Promise<HostileTally> {
  const tally: HostileTally = {
    kind: run.kind,
    hostileSegments: 0,
    viewers: 0,
    delivered: { segments: 0, bytes: 0, falseBytes: 0 },
    relayed: { bytes: 0, falseBytes: 0 },
    expelled: 0,
  };
  while (tally.hostileSegments < run.segmentsMin) await playOne(run, tally);
  return tally;
}

async function playOne({ kind, seed, defended }: HostileRun, tally: HostileTally): Promise<void> {
  const name = `${kind} ${seed} ${tally.viewers++}`;
  const random = seeded(createHash("sha256").update(name).digest().readUInt32BE());
  const honest = createDigests(subtle);
  const time = createVirtualTime();
  const film = await createFilm(name, SEGMENTS_PER_FILM, random, honest);
  const neighbours = new Map<PeerKey, Neighbour>();
  const failures: unknown[] = [];
  let lastPeer = 0;

  const engine = createHostileEngine({
    time,
    film,
    digests: defended ? honest : believing(honest),
    failed: (error) => failures.push(error),
    send: (peer, frame) => void time.after(linkMs, () => neighbours.get(peer)?.hear(frame)),
    close(peer) {
      if (!neighbours.delete(peer)) return;
      tally.expelled += 1;
      time.after(nextLiarMs, addLiar);
    },
  });

  function connect(make: (say: (frame: Uint8Array) => void) => Neighbour): void {
    const number = ++lastPeer;
    const peer = peerKeyOf(new Uint8Array(16).map((_, at) => (at < 2 ? (number >> (8 * at)) & 0xff : 1)));
    const say = (frame: Uint8Array) =>
      void time.after(linkMs, () => {
        if (neighbours.has(peer)) hear(peer, frame);
      });
    const neighbour = make(say);
    neighbours.set(peer, neighbour);
    engine.raise({ type: "peer-connected", peer, ticket: number });
    neighbour.greet();
  }

  function hear(peer: PeerKey, frame: Uint8Array): void {
    const decoded = decodePeerMessage(frame);
    if (!decoded.ok) return engine.raise({ type: "peer-garbage", peer, reason: decoded.reason });
    const message = decoded.value;
    if (message.type !== "piece") return engine.raise({ type: "peer-message", peer, message });
    const { requestId, offsetBytes, data } = message;
    engine.raise({ type: "chunk-received", peer, requestId, offsetBytes, lengthBytes: data.length, data });
  }

  function addLiar(): void {
    const lied = () => void (tally.hostileSegments += 1);
    connect((say) => createLiar({ kind, film, digests: honest, random, say, lied }));
  }

  engine.play((sequence, data) => {
    const truth = film.segments[sequence]!.bytes;
    tally.delivered.segments += 1;
    tally.delivered.bytes += data.length;
    // What is missing at its end is as false.
    tally.delivered.falseBytes += falseBytesIn(data, truth) + Math.max(0, truth.length - data.length);
  });
  const after = (delayMs: number, act: () => void) => void time.after(delayMs, act);
  connect((say) => createWitness({ film, say, relayed: tally.relayed, after }));
  for (let liar = 0; liar < LIARS; liar++) addLiar();
  await time.runUntil(() => engine.hasEnded() || failures.length > 0, filmMaxMs);
  engine.destroy();
  if (failures.length > 0) throw failures[0];
}
