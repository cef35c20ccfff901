import {
  CHUNK_BYTES,
  decodePeerMessage,
  encodePeerMessage,
  PIECE_BYTES,
  type PeerMessage,
  type PeerMessageOf,
  pieceCountOf,
  segmentKeyOf,
} from "@tributary/protocol";
import type { Digests } from "../adapters/crypto/digest.ts";
import { type Film, TRACK } from "./hostile-film.ts";
import { type Kind, type Lie, lieAbout } from "./hostile-lies.ts";

/** Whoever is at the other end of an engine's link; frames come and go encoded. */
export interface Neighbour {
  /** What it says first. */
  greet(): void;
  hear(frame: Uint8Array): void;
}

type Say = (frame: Uint8Array) => void;

const positionOf = (wanted: number) => ({
  track: TRACK,
  audioTrack: 0,
  wanted,
  audioWanted: 0,
  positionMs: 0,
  uplinkClass: 8,
});

const saying = (say: Say) => (message: PeerMessage) => say(encodePeerMessage(message));

function heard(frame: Uint8Array): PeerMessage {
  const decoded = decodePeerMessage(frame);
  if (!decoded.ok) throw new Error(`the engine said something that does not decode: ${decoded.reason}`);
  return decoded.value;
}

export interface LiarOptions {
  readonly kind: Kind;
  readonly film: Film;
  readonly digests: Digests;
  readonly random: () => number;
  readonly say: Say;
  /** It has sent false bytes, or a list that is not the segment's, for another segment. */
  readonly lied: () => void;
}

/** Claims to have the whole film, and answers every request with a lie. */
export function createLiar({ kind, film, digests, random, say, lied }: LiarOptions): Neighbour {
  const tell = saying(say);
  const lies = new Map<string, Promise<Lie>>();
  const told = new Set<string>();

  async function answer(request: PeerMessageOf<"request">): Promise<void> {
    const key = segmentKeyOf(request.segment);
    const segment = film.segment(key);
    const lie = await (lies.get(key) ??
      lies.set(key, lieAbout(kind, segment, film, random, digests)).get(key)!);
    const { sizeBytes, hashes, bytes } = lie;
    const start = request.firstPiece * PIECE_BYTES;
    const count = request.pieceCount === 0 ? pieceCountOf(segment.bytes.length) : request.pieceCount;
    const end = Math.min(start + count * PIECE_BYTES, bytes.length);
    const isTrue =
      sizeBytes === segment.bytes.length &&
      Buffer.compare(hashes, segment.hashes) === 0 &&
      end === Math.min(start + count * PIECE_BYTES, segment.bytes.length) &&
      Buffer.compare(bytes.subarray(start, end), segment.bytes.subarray(start, end)) === 0;
    if (!isTrue && !told.has(key)) {
      told.add(key);
      lied();
    }
    if (request.wantsList) tell({ type: "piece-hashes", segment: request.segment, sizeBytes, hashes });
    for (let at = start; at < end; at += CHUNK_BYTES)
      tell({
        type: "piece",
        requestId: request.requestId,
        offsetBytes: at,
        data: bytes.subarray(at, Math.min(end, at + CHUNK_BYTES)),
      });
  }

  return {
    greet: () =>
      tell({
        type: "bitfield",
        position: positionOf(film.segments.length),
        segments: film.segments.map(({ info }) => info.id),
      }),
    hear(frame) {
      const message = heard(frame);
      if (message.type === "request") void answer(message);
    },
  };
}

/** What an honest neighbour was given. */
export interface Relayed {
  bytes: number;
  falseBytes: number;
}

export interface WitnessOptions {
  readonly film: Film;
  readonly say: Say;
  readonly relayed: Relayed;
  readonly after: (delayMs: number, run: () => void) => void;
}

const askAgainMs = 400;

/** Has nothing, asks for whatever the engine announces, and holds what comes against the truth. */
export function createWitness({ film, say, relayed, after }: WitnessOptions): Neighbour {
  const tell = saying(say);
  const asked = new Set<string>();
  const requests = new Map<number, PeerMessageOf<"request">["segment"]>();
  let lastId = 0;

  function ask(segment: PeerMessageOf<"request">["segment"]): void {
    const requestId = ++lastId;
    requests.set(requestId, segment);
    tell({
      type: "request",
      requestId,
      segment,
      firstPiece: 0,
      pieceCount: 0,
      deadlineMs: 60_000,
      wantsList: true,
    });
  }

  function count({ requestId, offsetBytes, data }: PeerMessageOf<"piece">): void {
    const truth = film.segment(segmentKeyOf(requests.get(requestId)!)).bytes.subarray(offsetBytes);
    relayed.bytes += data.length;
    relayed.falseBytes += falseBytesIn(data, truth);
  }

  return {
    greet: () => tell({ type: "bitfield", position: positionOf(0), segments: [] }),
    hear(frame) {
      const message = heard(frame);
      if (message.type === "piece") count(message);
      else if (message.type === "reject") {
        const segment = requests.get(message.requestId);
        if (segment !== undefined) after(askAgainMs, () => ask(segment));
      } else if (message.type === "have" || message.type === "bitfield")
        for (const id of message.type === "have" ? message.added : message.segments) {
          if (asked.has(segmentKeyOf(id))) continue;
          asked.add(segmentKeyOf(id));
          ask(id);
        }
    },
  };
}

/** Bytes that are not the truth's at the same place, or are beyond its end. */
export function falseBytesIn(data: Uint8Array, truth: Uint8Array): number {
  if (Buffer.compare(data, truth.subarray(0, data.length)) === 0) return 0;
  let count = 0;
  for (let at = 0; at < data.length; at++) if (data[at] !== truth[at]) count += 1;
  return count;
}
